/** Texts that were changed and not saved, by file name: they outlive the view, so that a look elsewhere costs nothing. */
const drafts = new Map<string, string>();

/** The text as it was left; null where it is as it was saved. */
export function draftOf(name: string): string | null {
  return drafts.get(name) ?? null;
}

export function keepDraft(name: string, text: string, saved: string): void {
  if (text === saved) drafts.delete(name);
  else drafts.set(name, text);
}

export function dropDraft(name: string): void {
  drafts.delete(name);
}

/** The browser asks before it closes a page on which something is not saved. */
window.addEventListener('beforeunload', (event) => {
  if (drafts.size > 0) event.preventDefault();
});
