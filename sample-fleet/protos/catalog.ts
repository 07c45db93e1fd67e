/** What protos/catalog.proto says, as types. */
export interface Product {
  sku: string;
  name: string;
  description: string;
  category: string;
  priceCents: number;
  weightGrams: number;
}

export interface CatalogMethods {
  getProduct: { request: { sku: string }; reply: Product };
  listProducts: { request: { query?: string; category?: string; limit?: number }; reply: { products: Product[] } };
}
