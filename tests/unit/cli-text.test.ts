import { expect, test } from '@jest/globals';
import { toClockText } from '../../src/cli/clock-text.js';
import { toLabelRow } from '../../src/cli/label-row.js';
import { toMessage } from '../../src/cli/messages.js';
import { toResumeCommand } from '../../src/cli/resume-command.js';
import { toSegmentsTable } from '../../src/cli/segments-table.js';
import { ConfigError, IngestError } from '../../src/errors.js';
import { EventWriter } from '../../src/publish/event-writer.js';
import { eventContext, started } from './publish/samples.js';

test('an error is one line: what, then what to do', () => {
  const error = new IngestError('not-found', 'a.mp4 does not exist', { remedy: 'Check the path.' });
  expect(toMessage(error)).toBe('a.mp4 does not exist; check the path');
});

test('listed problems follow, a line each', () => {
  expect(toMessage(new ConfigError('bad', ['a: b', 'c: d']))).toBe('bad\n  - a: b\n  - c: d');
});

test('what comes from outside cannot steer the terminal: names, problems, labels of a model, events of a topic', () => {
  expect(toMessage(new IngestError('not-found', 'a\u001B[2J\n.mp4 does not exist'))).toBe(
    'a\uFFFD[2J\uFFFD.mp4 does not exist',
  );
  expect(toMessage(new ConfigError('bad', ['\u009B31mkey: unknown']))).toBe('bad\n  - \uFFFD31mkey: unknown');
  const label = 'dog\u001B]0;owned\u0007\r';
  const context = eventContext('cat');
  const { events, segments } = new EventWriter({
    ...context,
    model: { ...context.model, labels: [label] },
  }).write([started(0, 0)], 0);
  expect(toSegmentsTable(segments, { startTimeMs: null, look: null })).toContain(
    'dog\uFFFD]0;owned\uFFFD\uFFFD',
  );
  const { data } = events[0]!;
  const row = toLabelRow({ ...events[0]!, time: '\u001Bc', data: { ...data, streamId: 'cat\n\u001B[1A' } });
  expect(row).not.toMatch(/\p{Cc}/u);
  expect(row).toMatch(/^\uFFFDc  cat\uFFFD\uFFFD\[1A .* dog\uFFFD\]0;owned\uFFFD\uFFFD /);
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
