export interface JsonState {
  readonly text: string;
  readonly tone: string;
  /** Laid out; null for what is no JSON. */
  readonly pretty: string | null;
}

/** Whether a value is JSON, in words. Text is no mistake, but half an object probably is. */
export function jsonState(value: string): JsonState {
  if (value.trim() === '') return { text: value === '' ? 'empty' : 'spaces alone', tone: 'faint', pretty: null };
  try {
    const parsed: unknown = JSON.parse(value);
    return { text: 'valid JSON', tone: 'tone-ok', pretty: JSON.stringify(parsed, null, 2) };
  } catch {
    const meant = /^\s*[[{"]/.test(value);
    return { text: meant ? 'not valid JSON: sent as text' : 'text', tone: meant ? 'tone-warn' : 'faint', pretty: null };
  }
}
