import { useState } from 'react';
import type { GivenValues } from './given-values.ts';

/** By the experiment's file name: like drafts, they outlive the view, so that a look elsewhere costs nothing. */
const kept = new Map<string, GivenValues>();

/** What somebody gave for the variables of an experiment; null for a text takes back what was given. */
export function useGivenValues(experiment: string) {
  const [given, setGiven] = useState<GivenValues>(() => kept.get(experiment) ?? {});
  const give = (name: string, text: string | null): void => {
    const { [name]: _, ...others } = given;
    const next = text === null ? others : { ...others, [name]: text };
    kept.set(experiment, next);
    setGiven(next);
  };
  return { given, give };
}
