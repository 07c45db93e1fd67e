import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSearch } from '../../main/contract/search/index.ts';
import { addTerm, attributeTerm, filterBy, hasTerm, toggleTerm, valuesOf, withValues } from './search-edit.ts';

describe('valuesOf', () => {
  it('reads a plain list, a comparison, and nothing from what it cannot tell', () => {
    expect(valuesOf('timeout level:warn,error', 'level')).toEqual({ values: ['warn', 'error'], comparison: null });
    expect(valuesOf('severity>=warn', 'level')).toEqual({ values: ['warn'], comparison: '>=' });
    expect(valuesOf('timeout', 'level')).toBeNull();
    expect(valuesOf('-level:info', 'level')).toBeNull();
    expect(valuesOf('(level:info x)', 'level')).toBeNull();
    expect(valuesOf('level:info OR timeout', 'level')).toBeNull();
  });
});

describe('withValues', () => {
  it('puts a filter in, changes it, takes it out', () => {
    expect(withValues('timeout', 'level', ['error'])).toBe('timeout level:error');
    expect(withValues('level:error "timed out"', 'level', ['warn', 'error'])).toBe('"timed out" level:warn,error');
    expect(withValues('level>=warn service:cart', 'level', [])).toBe('service:cart');
  });
  it('holds for both sides of an OR', () =>
    expect(withValues('a OR b', 'service', ['cart'])).toBe('(a OR b) service:cart'));
});

describe('filterBy', () => {
  it('turns a filter round instead of asking for both', () => {
    expect(filterBy('', '@user.id:42', false)).toBe('@user.id:42');
    expect(filterBy('x @user.id:42', '@user.id:42', true)).toBe('x -@user.id:42');
    expect(filterBy('x -@user.id:42', '@user.id:42', false)).toBe('x @user.id:42');
  });
  it('adds nothing twice', () => expect(addTerm('a b', 'b')).toBe('a b'));
});

describe('toggleTerm', () => {
  const term = 'status:error';
  it('puts a term in and takes it out, and leaves phrases alone', () => {
    expect(toggleTerm('"timed  out"', term)).toBe('"timed  out" status:error');
    expect(toggleTerm('"timed  out" status:error', term)).toBe('"timed  out"');
  });
  it('holds for both sides of an OR, and knows a term from its opposite', () => {
    expect(toggleTerm('a OR b', term)).toBe('(a OR b) status:error');
    expect(['status:error x', '-status:error', 'a OR status:error', ''].map((query) => hasTerm(query, term))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(toggleTerm('-status:error x', term)).toBe('x status:error');
  });
});

it('writes any key and value so that the search finds them again', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (key, value) => {
      const searched = parseSearch(attributeTerm(key, value));
      if (searched.kind === 'attribute') expect([searched.key, searched.anyOf]).toEqual([key, [[value]]]);
      else expect(searched).toEqual({ kind: 'exists', key });
    }),
  );
});
