const COUNT = 60;

/** What the shop sells, `BOX-001` to `BOX-060`: catalog describes them, inventory has them in stock. */
export const SKUS: readonly string[] = Array.from(
  { length: COUNT },
  (_, index) => `BOX-${String(index + 1).padStart(3, '0')}`,
);
