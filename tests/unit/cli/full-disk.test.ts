import { expect, test } from '@jest/globals';
import { explainFullDisk } from '../../../src/cli/model/full-disk.js';
import { toMessage } from '../../../src/cli/messages.js';

const PLACE = { dir: 'models/gates', neededBytes: 3 << 20, freeBytes: 1 << 20 };

test.each([
  [
    'ENOSPC',
    'its disk is full: the package needs 3.0 MiB, and 1.0 MiB were free; free space there, or name a folder on another disk with -o, and import again',
  ],
  [
    'EDQUOT',
    'there is no room for more of your files: the package needs 3.0 MiB; free space there, or name a folder on another disk with -o, and import again',
  ],
  [
    'EFBIG',
    'a file of it is larger than you may write there: the package needs 3.0 MiB; raise the limit (`ulimit -f`), or name a folder on another disk with -o, and import again',
  ],
])('%s is told with what is needed and what to do', (code, words) => {
  const error = Object.assign(new Error(`${code}: write`), { code });
  expect(toMessage(explainFullDisk(error, PLACE))).toBe(`models/gates cannot be written: ${words}`);
});

test('a disk that does not tell what is free is full all the same', () => {
  const error = Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC' });
  const message = toMessage(explainFullDisk(error, { ...PLACE, freeBytes: null }));
  expect(message).toContain('its disk is full: the package needs 3.0 MiB; free space there');
});

test('another error stays as it is, and its remedy is one of every command', () => {
  const error = Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' });
  expect(explainFullDisk(error, PLACE)).toBe(error);
  expect(toMessage(error)).toBe(
    'unexpected failure: Error: EIO: i/o error, write; please report it, with the command and what `labelcast doctor --json` prints',
  );
});
