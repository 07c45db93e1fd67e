import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlotillaError } from '../errors.ts';
import type { Pattern, SearchNode, ValueField } from './ast.ts';
import { completions } from './completions.ts';
import { levelAt, searchFields } from './fields.ts';
import { parseSearch } from './parse.ts';
import { matchesPattern, occursIn } from './pattern.ts';
import { printSearch } from './print.ts';
import { tokenize } from './tokenize.ts';

function failure(text: string): FlotillaError {
  try {
    parseSearch(text);
  } catch (error) {
    if (error instanceof FlotillaError) return error;
    throw error;
  }
  throw new Error(`${text} was understood`);
}

describe('parseSearch', () => {
  it('reads every kind of term', () => {
    expect(parseSearch('service:orders status:error duration>200ms @user.id:42 "timed out"')).toEqual({
      kind: 'and',
      nodes: [
        { kind: 'field', field: 'service', anyOf: [['orders']] },
        { kind: 'field', field: 'status', anyOf: [['error']] },
        { kind: 'duration', comparison: '>', ns: 200e6 },
        { kind: 'attribute', key: 'user.id', anyOf: [['42']] },
        { kind: 'text', pattern: ['timed out'] },
      ],
    });
  });

  it.each<[string, SearchNode]>([
    ['', { kind: 'all' }],
    ['  ', { kind: 'all' }],
    ['*', { kind: 'all' }],
    [
      'service:orders,"pay ments",in*',
      { kind: 'field', field: 'service', anyOf: [['orders'], ['pay ments'], ['in', '']] },
    ],
    ['SPAN:"GET /x"', { kind: 'field', field: 'name', anyOf: [['GET /x']] }],
    ['operation:a"*"b*c', { kind: 'field', field: 'name', anyOf: [['a*b', 'c']] }],
    [
      '@http.response.status_code>=500',
      { kind: 'number', key: 'http.response.status_code', comparison: '>=', value: 500 },
    ],
    ['@delta<-1.5e2', { kind: 'number', key: 'delta', comparison: '<', value: -150 }],
    ['@"a key":*', { kind: 'exists', key: 'a key' }],
    ['@k:""', { kind: 'attribute', key: 'k', anyOf: [['']] }],
    ['level>=warning', { kind: 'level', comparison: '>=', rank: 3 }],
    ['level:>info', { kind: 'level', comparison: '>', rank: 2 }],
    ['level:err', { kind: 'field', field: 'level', anyOf: [['error']] }],
    ['kind:*er', { kind: 'field', field: 'kind', anyOf: [['server'], ['producer'], ['consumer']] }],
    ['duration<=1.5s', { kind: 'duration', comparison: '<=', ns: 1.5e9 }],
    ['duration>3µs', { kind: 'duration', comparison: '>', ns: 3000 }],
    ['duration<2m', { kind: 'duration', comparison: '<', ns: 120e9 }],
    ['has:error', { kind: 'field', field: 'has', anyOf: [['error']] }],
    ['http://x/y?a=b', { kind: 'text', pattern: ['http://x/y?a=b'] }],
    ['12:30:01', { kind: 'text', pattern: ['12:30:01'] }],
    ['"say \\"hi\\" c:\\dir"', { kind: 'text', pattern: ['say "hi" c:\\dir'] }],
    ['time*out', { kind: 'text', pattern: ['time', 'out'] }],
    ['-a', { kind: 'not', node: { kind: 'text', pattern: ['a'] } }],
    ['NOT a', { kind: 'not', node: { kind: 'text', pattern: ['a'] } }],
    [
      'and or',
      {
        kind: 'and',
        nodes: [
          { kind: 'text', pattern: ['and'] },
          { kind: 'text', pattern: ['or'] },
        ],
      },
    ],
  ])('reads %s', (text, node) => {
    expect(parseSearch(text)).toEqual(node);
  });

  it('binds NOT before AND before OR', () => {
    const word = (text: string): SearchNode => ({ kind: 'text', pattern: [text] });
    expect(parseSearch('a b OR -c AND d')).toEqual({
      kind: 'or',
      nodes: [
        { kind: 'and', nodes: [word('a'), word('b')] },
        { kind: 'and', nodes: [{ kind: 'not', node: word('c') }, word('d')] },
      ],
    });
    expect(parseSearch('a (b OR c)')).toEqual({
      kind: 'and',
      nodes: [word('a'), { kind: 'or', nodes: [word('b'), word('c')] }],
    });
  });

  it.each([
    ['servce:orders', 1, 'servce', /field/, /Did you mean service\?/],
    ['a statsu:error', 3, 'statsu', /field/, /Did you mean status\?/],
    ['http.route:/x', 1, 'http.route', /field/, /@http\.route/],
    ['zzz:x', 1, 'zzz', /field/, /Fields: service,/],
    ['status:eror', 8, 'eror', /no such value/, /Did you mean error\?/],
    ['status:500', 8, '500', /no such value/, /@http\.response\.status_code:500/],
    ['duration>200', 10, '200', /unit/, /200ms/],
    ['duration>2parsec', 10, '2parsec', /no unit parsec/, /ms/],
    ['duration>x', 10, 'x', /not a duration/, /200ms/],
    ['duration:200ms', 1, 'duration', /compared/, /duration>/],
    ['name>5', 1, 'name', /no order/, /name:value/],
    ['@a>x', 4, 'x', /not a number/, /plain number/],
    ['@:5', 1, '@', /name of an attribute/, /@user\.id/],
    ['@a', 1, '@a', /value is missing/, /@a:\*/],
    ['service:', 1, 'service', /value is missing/, /service:value/],
    ['service:a, b', 1, 'service', /value is missing/, /service:value/],
    ['status=error', 1, 'status', /colon/, /status:value/],
    ['a "b c', 3, '"b c', /quote/, /Add "/],
    ['(a OR b', 1, '(', /never closed/, /Add "\)"/],
    ['a) b', 2, ')', /closes nothing/, /Remove/],
    ['f()', 2, '(', /nothing between/, /quotes/],
    ['a OR', 3, 'OR', /missing after/, /"or" in lower case/],
    ['OR a', 1, 'OR', /missing here/, /"or" in lower case/],
    ['a - b', 3, '-', /minus/, /quotes/],
    ['level>loud', 7, 'loud', /no such value/, /Level is one of trace/],
  ])('refuses %s', (text, position, word, detail, hint) => {
    const error = failure(text);
    expect(error.code).toBe('QUERY_SYNTAX');
    expect(error.details).toMatchObject({ position, word });
    expect(error.details.detail).toMatch(detail);
    expect(error.remedy).toMatch(hint);
    expect(error.message).toContain(`at character ${position} ("${word}")`);
  });

  it('bounds terms and nesting', () => {
    expect(failure('a '.repeat(101)).details.detail).toMatch(/at most 100 terms/);
    expect(failure(`${'('.repeat(51)}a${')'.repeat(51)}`).details.detail).toMatch(/at most 50 deep/);
    expect(failure('-'.repeat(100_000).concat('a')).details.detail).toMatch(/at most 50 deep/);
    expect(parseSearch(`${'('.repeat(50)}a${')'.repeat(50)}`)).toEqual({ kind: 'text', pattern: ['a'] });
  });
});

const fragments = fc.constantFrom(
  'service',
  'status',
  ':',
  'error',
  'duration',
  '>',
  '>=',
  '=',
  '200ms',
  '@',
  'user.id',
  '42',
  '"',
  '"a b"',
  '(',
  ')',
  '-',
  'AND',
  'OR',
  'NOT',
  ' ',
  ' ',
  ',',
  '*',
  '\\',
  'level',
  'warn',
  'word',
  'é',
  '😀',
  '\n',
);
const messyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.array(fragments, { maxLength: 25 }).map((parts) => parts.join('')),
);

const piece = fc.oneof(
  fc.constantFrom('orders', 'AND', '-x', 'a b', '"', '\\', '@', ':', ''),
  fc.string({ maxLength: 8 }),
);
const pattern: fc.Arbitrary<Pattern> = fc
  .array(piece, { minLength: 1, maxLength: 4 })
  .map(([first = '', ...rest]): Pattern => [first, ...rest])
  // Neighbouring asterisks are one.
  .filter((pieces) => pieces.slice(1, -1).every((inner) => inner !== ''));
const hasLetters = (pieces: Pattern): boolean => pieces.some((text) => text !== '');
const key = fc.oneof(fc.constantFrom('user.id', 'a key', 'x"y'), fc.string({ minLength: 1, maxLength: 6 }));
const comparison = fc.constantFrom('>', '>=', '<', '<=');
const freeFields = searchFields.flatMap((info) =>
  info.words === null && info.field !== 'duration' ? [info.field as ValueField] : [],
);
const leaf: fc.Arbitrary<SearchNode> = fc.oneof(
  pattern.filter(hasLetters).map((p): SearchNode => ({ kind: 'text', pattern: p })),
  fc.record({
    kind: fc.constant('field'),
    field: fc.constantFrom(...freeFields),
    anyOf: fc.array(pattern, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('field'),
    field: fc.constant('status'),
    anyOf: fc.constant([['error'], ['ok']] satisfies Pattern[]),
  }),
  fc.record({
    kind: fc.constant('attribute'),
    key,
    anyOf: fc.array(
      pattern.filter((p) => p.length === 1 || hasLetters(p)),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({ kind: fc.constant('exists'), key }),
  fc.record({
    kind: fc.constant('number'),
    key,
    comparison,
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((v) => v + 0),
  }),
  fc.record({ kind: fc.constant('duration'), comparison, ns: fc.nat() }),
  fc.record({ kind: fc.constant('level'), comparison, rank: fc.nat({ max: 5 }) }),
);
const joinable = (kind: 'and' | 'or', nodes: SearchNode[]): SearchNode => ({
  kind,
  nodes: nodes.flatMap((node) => (node.kind === kind ? node.nodes : [node])),
});
const { tree } = fc.letrec<{ tree: SearchNode }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    tie('tree').map((node): SearchNode => ({ kind: 'not', node })),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((nodes) => joinable('and', nodes)),
    fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((nodes) => joinable('or', nodes)),
  ),
}));

describe('any text', () => {
  it('is understood, or refused with a place inside the text', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        try {
          const node = parseSearch(text);
          expect(parseSearch(printSearch(node))).toEqual(node);
        } catch (error) {
          if (!(error instanceof FlotillaError)) throw error;
          expect(error.code).toBe('QUERY_SYNTAX');
          const position = Number(error.details.position);
          expect(text.slice(position - 1).startsWith(String(error.details.word).replace(/…$/, ''))).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('is covered by its tokens without gaps', () => {
    fc.assert(
      fc.property(messyText, (text) => {
        const tokens = tokenize(text);
        expect(tokens.map((token) => token.text).join('')).toBe(text);
        let at = 0;
        for (const token of tokens) {
          expect([token.start, token.end]).toEqual([at, at + token.text.length]);
          expect(token.text).not.toBe('');
          at = token.end;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('can be completed at every cursor', () => {
    const vocabulary = { services: ['orders'], names: ['GET /x y'], attributes: ['user.id', 'a key'] };
    fc.assert(
      fc.property(messyText, fc.nat({ max: 60 }), (text, cursor) => {
        const at = Math.min(cursor, text.length);
        const { from, to, items } = completions(text, at, vocabulary);
        expect(from).toBeLessThanOrEqual(at);
        expect(to).toBeGreaterThanOrEqual(at);
        expect(items.length).toBeLessThanOrEqual(20);
      }),
    );
  });
});

it('prints every search so that it parses to the same', () => {
  fc.assert(
    fc.property(tree, (node) => {
      expect(parseSearch(printSearch(node))).toEqual(node);
    }),
    { numRuns: 2000 },
  );
});

describe('patterns', () => {
  it('fits wholes and parts, ignoring case', () => {
    expect(matchesPattern(['orders'], 'Orders')).toBe(true);
    expect(matchesPattern(['order'], 'orders')).toBe(false);
    expect(matchesPattern(['order', ''], 'orders')).toBe(true);
    expect(matchesPattern(['ab', 'ba'], 'aba')).toBe(false);
    expect(matchesPattern(['a', 'b', 'c'], 'a-b-c')).toBe(true);
    expect(matchesPattern(['a', 'b', 'c'], 'xa-b-c')).toBe(false);
    expect(matchesPattern(['', ''], '')).toBe(true);
    expect(occursIn(['Timed', 'out'], 'it timed way out here')).toBe(true);
    expect(occursIn(['out', 'timed'], 'it timed way out here')).toBe(false);
  });
});

describe('completions', () => {
  const vocabulary = {
    services: ['orders', 'order-history', 'payments'],
    names: ['GET /orders/:id', 'charge'],
    attributes: ['user.id', 'http.route'],
    values: { '@user.id': ['42', 'a b'] },
  };
  const labels = (text: string, cursor = text.length): string[] =>
    completions(text, cursor, vocabulary).items.map((item) => item.label);

  it('offers fields first where a term starts', () => {
    expect(labels('').slice(0, 3)).toEqual(['service', 'status', 'level']);
    expect(labels('service:orders ')).toContain('duration');
    expect(labels('stat')).toEqual(['status']);
    expect(labels('ord')).toEqual(['service:orders', 'service:order-history']);
  });

  it('offers values of what stands before', () => {
    expect(completions('service:ord x', 11, vocabulary)).toMatchObject({ from: 8, to: 11 });
    expect(labels('service:payments,o')).toEqual(['orders', 'order-history']);
    expect(labels('level>=')).toEqual(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
    expect(labels('level>=', 6)).toEqual([...levels]);
    expect(completions('name:get', 8, vocabulary).items[0]?.insert).toBe('"GET /orders/:id"');
    expect(completions('@user.id:a', 10, vocabulary).items[0]?.insert).toBe('"a b"');
    expect(labels('-@us')).toEqual(['@user.id']);
    expect(completions('@', 1, vocabulary).items.map((item) => item.insert)).toEqual(['@user.id:', '@http.route:']);
  });
});

const levels = [0, 1, 2, 3, 4, 5].map(levelAt);

describe('the guide', () => {
  const guide = readFileSync(new URL('../../../docs/search.md', import.meta.url), 'utf8');

  it('has no example that is not understood', () => {
    const cells = guide.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split(' | ')[0] ?? ''] : []));
    const examples = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
    const searches = examples.filter((text) => !/^[a-z_]+$/.test(text));
    expect(searches.length).toBeGreaterThan(15);
    for (const text of searches) expect(() => parseSearch(text), text).not.toThrow();
  });

  it('names every field and spelling', () => {
    for (const { field, aliases } of searchFields) {
      const row = guide.split('\n').find((line) => line.startsWith(`| \`${field}\` |`));
      expect(row, field).toBeDefined();
      for (const alias of aliases) if (!alias.endsWith('id')) expect(row).toContain(`\`${alias}\``);
    }
  });
});
