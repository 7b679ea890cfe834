import type { StreamCause } from '../errors.js';

const WORDS: Record<StreamCause, string> = {
  auth: 'it may not be read: its permissions, or its user and password, do not allow it',
  'not-found': 'it was not there',
  refused: 'it could not be reached, or refused to be read',
  timeout: 'it did not answer',
  stalled: 'it stopped sending pictures',
  decode: 'its pictures could not be decoded',
  unsupported: 'it is no video, or in a format that this ffmpeg cannot decode',
  inference: 'its pictures could not be scored',
  overload: 'there was too much to do',
  frozen: 'its picture stood still',
  black: 'its picture was black',
  corrupt: 'its data end early or are damaged; what could be read was tagged',
  ended: 'it ended',
  removed: 'it was removed',
};

/** Why a stream failed, in words; `cause` is what its event says. */
export function toFailureWords(cause: string | null): string {
  return (
    Object.entries(WORDS).find(([known]) => known === cause)?.[1] ?? cause ?? 'for a reason it did not give'
  );
}
