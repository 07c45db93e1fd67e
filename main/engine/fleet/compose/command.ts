import type { ReadContext } from './context.ts';
import { expectTextList } from './expect.ts';
import { invalid } from './place.ts';
import { ShellWordsError, splitShellWords } from './shell-words.ts';
import { lastOf, type Tree } from './tree.ts';

const OPERATORS = new Set(['&&', '||', '|', ';', '&', '>', '>>', '<', '2>', '2>&1']);

/** A command as words: a list as it is, a text split as a shell splits it. No shell runs, so its operators are warned of. */
export function readWords(tree: Tree, context: ReadContext): string[] {
  if (tree.type === 'list') return expectTextList(tree);
  if (tree.type === 'map') throw invalid(tree.place, `${lastOf(tree.path)} is a mapping`, 'a text or a list of words');
  try {
    const words = splitShellWords(tree.text);
    const operator = words.find((word) => OPERATORS.has(word));
    if (operator !== undefined) {
      const message = `no shell reads this, so ${operator} is an ordinary word; a shell line is ["sh", "-c", "..."]`;
      context.warnings.add(tree.place, tree.path, message);
    }
    return words;
  } catch (error) {
    if (!(error instanceof ShellWordsError)) throw error;
    throw invalid(
      tree.place,
      `${lastOf(tree.path)}: ${error.message}`,
      'words as a shell reads them, or a list of words',
    );
  }
}
