import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { type Finding, fail, ok, toFailure, warn } from '../../../../src/cli/doctor/finding.js';
import { toFindingLines, toVerdict } from '../../../../src/cli/doctor/finding-lines.js';
import { toLook } from '../../../../src/cli/terminal-look.js';
import { ConfigError } from '../../../../src/errors.js';

const look = toLook({}, { LANG: 'C.UTF-8' });
const REFUSED = fail('sink', 'main: Kafka at kafka:9092 refuses the login of gate', 'Check the password.');

test('through a pipe a finding is one line: status, name, what was found; what to do', () => {
  expect(
    [REFUSED, ok('node', 'Node.js 24.0.0')].flatMap((one) => toFindingLines(one, { width: null, look })),
  ).toEqual([
    'fail  sink      main: Kafka at kafka:9092 refuses the login of gate; check the password',
    'ok    node      Node.js 24.0.0',
  ]);
});

test('on a terminal what to do stands on a line of its own, below an arrow', () => {
  expect(toFindingLines(REFUSED, { width: 50, look })).toEqual([
    'fail  sink      main: Kafka at kafka:9092 refuses',
    '                the login of gate',
    '                → check the password',
  ]);
  const ascii = toLook({}, { LANG: 'C' });
  expect(toFindingLines(REFUSED, { width: 26, look: ascii })).toEqual([
    'fail sink',
    '  main: Kafka at',
    '  kafka:9092 refuses the',
    '  login of gate',
    '  -> check the password',
  ]);
});

test('problems that a finding lists stand below it, one a line', () => {
  const error = new ConfigError(
    'm.json does not describe a model',
    ['fps: is missing', 'name: write a text'],
    {
      remedy: 'correct it',
    },
  );
  const finding = toFailure('model', error);
  expect(toFindingLines(finding, { width: null, look })).toEqual([
    'fail  model     m.json does not describe a model; correct it',
    '  - fps: is missing',
    '  - name: write a text',
  ]);
  expect(toFindingLines(finding, { width: 60, look })).toEqual([
    'fail  model     m.json does not describe a model',
    '                - fps: is missing',
    '                - name: write a text',
    '                → correct it',
  ]);
});

test('no line is wider than the terminal, whatever is said', () => {
  const text = fc.array(
    fc.constantFrom(
      'disk',
      'full',
      '猫と犬が歩いている道',
      '👨‍👩‍👧‍👦',
      '/a/very/long/path/that/has/no/end/journal.db',
      '\u001b[31m',
      '\n',
    ),
    { minLength: 1, maxLength: 30 },
  );
  const width = fc.integer({ min: 20, max: 200 });
  fc.assert(
    fc.property(text, text, width, (said, advice, width) => {
      const finding = warn('journal', said.join(' '), advice.join(' '));
      const lines = toFindingLines(finding, { width, look });
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
      for (const steering of ['\u001b', '\n']) expect(lines.join('')).not.toContain(steering);
    }),
  );
});

test('the status is coloured where colours are wanted', () => {
  const coloured = toLook({ isTTY: true }, { LANG: 'C.UTF-8', TERM: 'xterm' });
  expect(toFindingLines(ok('node', 'x'), { width: 80, look: coloured })).toEqual([
    '\u001b[32mok\u001b[39m    node      x',
  ]);
});

test('the last line counts faults and warnings', () => {
  const worse: Finding = warn('disk', 'x', 'y');
  expect([[], [ok('node', 'x')], [REFUSED, worse, worse], [worse]].map((some) => toVerdict(some))).toEqual([
    'nothing is wrong',
    'nothing is wrong',
    '1 fault, 2 warnings',
    '1 warning',
  ]);
});

test('an error becomes what and what to do, with the problems that it lists, each once', () => {
  const remedy = 'name another';
  expect(toFailure('ffmpeg', new ConfigError('a is wrong', ['a is wrong'], { remedy }))).toEqual(
    fail('ffmpeg', 'a is wrong', remedy),
  );
  expect(toFailure('model', new ConfigError('2 problems', ['a', 'b']), 'it')).toEqual({
    ...fail('model', 'it: 2 problems', null),
    issues: ['a', 'b'],
  });
  expect(toFailure('disk', new TypeError('x'))).toMatchObject({
    status: 'fail',
    text: expect.stringContaining('TypeError: x'),
  });
});
