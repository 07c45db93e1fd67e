import { escapeXml } from './escape.ts';

/** Text that is markup already. Only `markup` makes it, so that nothing of a user's reaches a page unescaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Markup | string | number | null | false | readonly Part[];

/** A template of HTML or SVG: every value in it is escaped, except for what such a template made. */
export function markup(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return new Markup(
    strings.map((text, index) => (index === 0 ? text : `${render(values[index - 1] ?? null)}${text}`)).join(''),
  );
}

function render(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'string') return escapeXml(part);
  if (typeof part === 'number') return String(Number(part.toFixed(2)));
  return part === null || part === false ? '' : part.map(render).join('');
}
