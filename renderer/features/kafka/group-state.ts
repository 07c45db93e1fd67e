import type { KafkaGroup } from '../../../main/contract/index.ts';
import type { Tone } from '../../ui/index.ts';

/** How a group is. One without members that is behind reads nothing of what comes. */
export function groupTone(group: Pick<KafkaGroup, 'state' | 'lag'>): Tone {
  const state = group.state.toLowerCase();
  if (state === 'stable') return 'ok';
  if (state.includes('rebalanc') || state === 'assigning' || state === 'reconciling') return 'busy';
  if (state === 'empty') return group.lag > 0 ? 'warn' : 'idle';
  return state === 'dead' ? 'error' : 'idle';
}

/** The broker's word for it, apart: `Preparing rebalance`. */
export function stateWord(state: string): string {
  const apart = state.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
  return apart === 'Empty' ? 'No members' : apart;
}
