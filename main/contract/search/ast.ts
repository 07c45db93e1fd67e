/**
 * What a value has to look like: the literal pieces between its asterisks. `orders` is `['orders']` (equal), `pay*` is
 * `['pay', '']` (starts with), `*` is `['', '']` (anything). Comparison ignores case.
 */
export type Pattern = readonly [string, ...string[]];

/** The fields of a search that hold text or a word of a fixed list. `duration` can only be compared. */
export type ValueField =
  | 'service'
  | 'instance'
  | 'name'
  | 'kind'
  | 'status'
  | 'trace'
  | 'span_id'
  | 'level'
  | 'message'
  | 'source'
  | 'scope'
  | 'has';

export type SearchField = ValueField | 'duration';

export type Comparison = '>' | '>=' | '<' | '<=';

/** A search as parsed: what stands in a field that a signal does not have is simply not matched. */
export type SearchNode =
  /** Matches everything: the empty search. */
  | { readonly kind: 'all' }
  /** A bare word or a quoted phrase: occurs somewhere in the message, the name or an attribute's value. */
  | { readonly kind: 'text'; readonly pattern: Pattern }
  /** One of the patterns fits. */
  | { readonly kind: 'field'; readonly field: ValueField; readonly anyOf: readonly Pattern[] }
  | { readonly kind: 'attribute'; readonly key: string; readonly anyOf: readonly Pattern[] }
  | { readonly kind: 'exists'; readonly key: string }
  | { readonly kind: 'duration'; readonly comparison: Comparison; readonly ns: number }
  /** `rank`: see levelRank, 0 for trace to 5 for fatal. */
  | { readonly kind: 'level'; readonly comparison: Comparison; readonly rank: number }
  | { readonly kind: 'number'; readonly key: string; readonly comparison: Comparison; readonly value: number }
  | { readonly kind: 'not'; readonly node: SearchNode }
  | { readonly kind: 'and'; readonly nodes: readonly SearchNode[] }
  | { readonly kind: 'or'; readonly nodes: readonly SearchNode[] };
