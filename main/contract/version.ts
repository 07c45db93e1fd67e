/** The version of contract, engine, console and CLI: they are released together. */
export const VERSION = '0.1.0';
