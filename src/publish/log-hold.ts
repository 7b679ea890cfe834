import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { toOwnerPath } from './journal-guard.js';
import { readSize } from './disk-room.js';

/** Asked for again so often by who copies, for as long as it takes. */
const RENEW_MS = 5000;
/** Not asked for again for so long, it is left over from a process that was killed. */
const VALID_MS = 30_000;
/** A log of more than this is folded in all the same: it takes the disk, and its time. */
const MAX_LOG_BYTES = 1 << 30;

/** Asks the owner of a journal by a file, which works between containers too. */
function toHoldPath(path: string): string {
  return `${path}-hold`;
}

/**
 * Asks who has a journal, if anybody, to leave its file as it is and to write to its log alone, until this is disposed: copying
 * a large one takes longer than it stays the same. Where no file can be made nothing is asked: with luck it goes without.
 */
export function holdLog(path: string): Disposable {
  const hold = toHoldPath(path);
  const ask = (): void => {
    try {
      if (existsSync(toOwnerPath(path))) writeFileSync(hold, '');
    } catch {} // a folder that may not be written
  };
  ask();
  const renewal = setInterval(ask, RENEW_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(renewal);
      rmSync(hold, { force: true });
    },
  };
}

/** Whether somebody copies a journal now, whose log is not too large yet. */
export function isLogHeld(path: string): boolean {
  const asked = statSync(toHoldPath(path), { throwIfNoEntry: false });
  if (asked === undefined || Math.abs(Date.now() - asked.mtimeMs) > VALID_MS) return false;
  return readSize(`${path}-wal`) < MAX_LOG_BYTES;
}
