import { expect, test } from '@jest/globals';
import { createLog } from '../../src/log.js';
import { toLogText } from '../../src/log-text.js';
import { isColourWanted } from '../../src/cli/terminal-look.js';

const RECORD = {
  level: 'warn',
  time: new Date(2026, 0, 5, 16, 3, 12).toISOString(),
  stream: 'gate',
  cause: 'auth',
  msg: 'the camera refuses user and password; trying again',
};
const PLACE = { colour: false, isTerminal: true };

test('a line has its time, level, stream and sentence, and what else is known in brackets', () => {
  expect(toLogText(JSON.stringify(RECORD), PLACE)).toBe(
    '16:03:12 WARN gate: the camera refuses user and password; trying again (cause auth)',
  );
  const { stream: _, cause: __, ...bare } = RECORD;
  expect(toLogText(JSON.stringify({ ...bare, level: 'info', msg: 'ready', streams: 2 }), PLACE)).toBe(
    '16:03:12 INFO ready (streams 2)',
  );
});

test('in a file the time is that of the record, with its day', () => {
  expect(toLogText(JSON.stringify(RECORD), { ...PLACE, isTerminal: false })).toMatch(
    /^2026-01-0\dT\S+Z WARN gate: /,
  );
});

test('a name cannot steer the terminal, nor break the line', () => {
  const line = toLogText(JSON.stringify({ ...RECORD, stream: 'ga\u001B[2Jte', msg: 'one\n  - two' }), PLACE);
  expect(line).toBe('16:03:12 WARN ga\uFFFD[2Jte: one - two (cause auth)');
});

test('colours are on dark or light by themselves, and the text is the same', () => {
  const line = toLogText(JSON.stringify(RECORD), { ...PLACE, colour: true });
  expect(line).toContain('\u001B[30m\u001B[43mWARN\u001B[49m\u001B[39m');
  // eslint-disable-next-line no-control-regex
  expect(line.replaceAll(/\u001B\[\d+m/g, '')).toBe(toLogText(JSON.stringify(RECORD), PLACE));
});

test('JSON has the level by name and the time as RFC 3339', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'info', format: 'json', colour: false, print: (line) => lines.push(line) });
  log.debug('nothing');
  log.warn({ stream: 'gate' }, 'dark');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    stream: 'gate',
    msg: 'dark',
  });
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
])('colour on a terminal (%s) with %j: %s', (isTTY, env, wanted) => {
  expect(isColourWanted({ isTTY }, env)).toBe(wanted);
});
