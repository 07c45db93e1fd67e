import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** The system account that PostgreSQL runs under; null: that of this program. */
export type Account = { readonly uid: number; readonly gid: number } | null;

const run = promisify(execFile);

async function idsOf(name: string): Promise<Account> {
  const id = async (flag: string) => Number((await run('id', [flag, name])).stdout.trim());
  try {
    const [uid, gid] = await Promise.all([id('-u'), id('-g')]);
    return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : null;
  } catch {
    return null;
  }
}

/**
 * PostgreSQL refuses to run as root. Then it runs as `postgres` where there is such an account, else as `nobody`, which
 * every system has: nothing is added to the machine. Throws an Error with a sentence when there is neither.
 */
export async function chooseAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return null;
  const account = (await idsOf('postgres')) ?? (await idsOf('nobody'));
  if (!account)
    throw new Error('PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it as');
  return account;
}

/** Whether an account may enter a folder, by the permissions of it and all folders above. */
export async function canEnter(folder: string, account: Account): Promise<boolean> {
  if (account === null) return true;
  const parent = path.dirname(folder);
  if (parent !== folder && !(await canEnter(parent, account))) return false;
  const { uid, gid, mode } = await stat(folder);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  return gid === account.gid ? (mode & 0o010) !== 0 : (mode & 0o001) !== 0;
}
