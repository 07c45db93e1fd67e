import type { EnvironmentEntry } from '../../contract/index.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly source: EnvironmentEntry['source'];
}

/** Names of what nobody should see over a shoulder. */
const SECRET = /PASSWORD|PASSWD|SECRET|TOKEN|KEY|CREDENTIAL/i;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)([^\s/@]+)(@)/gi;
const MASK = '••••••';

/** Variables as they are shown: secrets, by their name or inside an address, are masked unless asked for. */
export function environmentEntries(variables: readonly Variable[], reveal: boolean): EnvironmentEntry[] {
  return variables
    .map(({ name, value, source }) => {
      const shown = masked(name, value);
      return reveal ? { name, value, source, masked: false } : { name, value: shown, source, masked: shown !== value };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The value without what is secret in it, by its name or inside an address. */
export function masked(name: string, value: string): string {
  return SECRET.test(name) && value !== '' ? MASK : value.replace(URL_PASSWORD, `$1${MASK}$3`);
}
