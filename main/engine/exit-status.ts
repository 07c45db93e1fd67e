import { DISK_FULL_STATUS, HOME_TAKEN_STATUS } from '../contract/index.ts';

/** By the codes of errors: what whoever started the engine acts upon, also when nothing can be written to its log. */
const STATUS: Readonly<Partial<Record<string, number>>> = {
  ENGINE_ALREADY_RUNNING: HOME_TAKEN_STATUS,
  DISK_FULL: DISK_FULL_STATUS,
};

/** The status that an engine ends with that could not do its work, for the code of the error. */
export function exitStatus(code: string): number {
  return STATUS[code] ?? 1;
}
