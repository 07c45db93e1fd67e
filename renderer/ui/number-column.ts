import { UNKNOWN } from './format.ts';
import type { Column } from './table.tsx';

/** A column of numbers, to the right and sorted by value; what is not known is a dash and comes last. */
export function numberColumn<Row>(
  key: string,
  title: string,
  width: number,
  value: (row: Row) => number | null,
  format: (value: number) => string = String,
): Column<Row> {
  return {
    key,
    title,
    width,
    align: 'right',
    sortBy: value,
    cell(row) {
      const known = value(row);
      return known === null ? UNKNOWN : format(known);
    },
  };
}
