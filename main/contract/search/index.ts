export type { Comparison, Pattern, SearchField, SearchNode, ValueField } from './ast.ts';
export { type Completion, type CompletionItem, completions, type Vocabulary } from './completions.ts';
export { type FieldInfo, levelAt, levelRank, searchFields } from './fields.ts';
export { parseSearch, searchLimits } from './parse.ts';
export { fold, foldedMatch, isPlain, matchesPattern, occursIn } from './pattern.ts';
export { printSearch } from './print.ts';
export { type SearchToken, tokenize } from './tokenize.ts';
