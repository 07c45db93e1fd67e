export { compileLogFilter } from './compile-log-filter.ts';
export { compileSearch } from './compile-sql.ts';
export { Parameters } from './sql.ts';
export { logTable, spanTable } from './tables.ts';
