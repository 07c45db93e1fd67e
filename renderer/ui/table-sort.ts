export interface Sort {
  readonly key: string;
  readonly descending: boolean;
}

/** After a click on a heading: the other way round, or a new column, numbers from the largest. */
export function nextSort(sort: Sort, key: string, isNumber: boolean): Sort {
  return sort.key === key ? { key, descending: !sort.descending } : { key, descending: isNumber };
}

const collator = new Intl.Collator('en', { numeric: true });

/** The rows in order, equal ones as they were; what is null comes last either way. */
export function sortRows<Row>(
  rows: readonly Row[],
  by: (row: Row) => string | number | null,
  descending: boolean,
): readonly Row[] {
  const keyed = rows.map((row) => ({ row, key: by(row) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    const order =
      typeof a.key === 'number' && typeof b.key === 'number'
        ? a.key - b.key
        : collator.compare(String(a.key), String(b.key));
    return descending ? -order : order;
  });
  return keyed.map((one) => one.row);
}
