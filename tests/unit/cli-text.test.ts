import { expect, test } from '@jest/globals';
import { toClockText } from '../../src/cli/clock-text.js';
import { toMessage } from '../../src/cli/messages.js';
import { toResumeCommand } from '../../src/cli/resume-command.js';
import { ConfigError, IngestError } from '../../src/errors.js';

test('an error is one line: what, then what to do', () => {
  const error = new IngestError('not-found', 'a.mp4 does not exist', { remedy: 'Check the path.' });
  expect(toMessage(error)).toBe('a.mp4 does not exist; check the path');
});

test('listed problems follow, a line each', () => {
  expect(toMessage(new ConfigError('bad', ['a: b', 'c: d']))).toBe('bad\n  - a: b\n  - c: d');
});

test('a name cannot steer the terminal', () => {
  expect(toMessage(new IngestError('not-found', 'a\u001B[2J\n.mp4 does not exist'))).toBe(
    'a\uFFFD[2J\uFFFD.mp4 does not exist',
  );
});

test('the command to go on quotes names, leaves credentials out and names a private journal', () => {
  const argv = ['tag', "it's.mp4", 'http://me:hush@host/x.mp4', '--fresh'];
  const command = toResumeCommand(argv, { file: '/tmp/x/journal.db', isPrivate: true });
  const line =
    "tag --journal /tmp/x/journal.db --resume 'it'\\''s.mp4' http://host/x.mp4 (with the credentials put back)";
  expect(command.endsWith(line)).toBe(true);
});

test('times read as people read them', () => {
  expect([0, 3_240, 59_960, 3_723_400].map(toClockText)).toEqual(['0:00.0', '0:03.2', '1:00.0', '1:02:03.4']);
});
