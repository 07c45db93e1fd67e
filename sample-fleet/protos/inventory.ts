/** What protos/inventory.proto says, as types. */
export interface StockLine {
  sku: string;
  quantity: number;
}

export interface InventoryMethods {
  reserve: { request: { orderId: string; lines: StockLine[] }; reply: { reserved: boolean; reason: string } };
  release: { request: { orderId: string }; reply: { released: boolean } };
  getStock: {
    request: { skus: string[] };
    reply: { stock: Array<{ sku: string; available: number; version: number }> };
  };
}
