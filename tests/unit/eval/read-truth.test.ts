import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readTruth } from '../../../src/eval/read-truth.js';
import { ConfigError } from '../../../src/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'labelcast-truth-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function problemsOf(
  name: string,
  text: string,
): Promise<{ message: string; issues: readonly string[] }> {
  const file = put(name, text);
  const error = await readTruth(file).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw new Error('it was taken', { cause: error });
  expect(error.remedy).toBeDefined();
  return { message: error.message.replace(file, name), issues: error.issues };
}

async function segmentsOf(name: string, text: string): Promise<unknown[]> {
  const { segments } = await readTruth(put(name, text));
  return segments.map(({ label, startMs, endMs, at }) => [label, startMs, endMs, at]);
}

const cat = (startMs: number, endMs: number, label = 'cat') => ({ label, startMs, endMs });
const toJson = (more: object) => JSON.stringify({ segments: [], ...more });

test('the truth of the demo is read, and is what the schema describes', async () => {
  const validate = new Ajv2020().compile(
    JSON.parse(readFileSync('docs/schema/truth.v1.json', 'utf8')) as object,
  );
  expect(validate(JSON.parse(readFileSync('demo/truth.json', 'utf8')))).toBe(true);
  const truth = await readTruth('demo/truth.json');
  expect(truth).toMatchObject({ file: 'demo/truth.json', durationMs: 19_000, labels: null });
  expect(truth.segments).toHaveLength(7);
  expect(truth.optional[1]).toEqual({ label: 'spoon', startMs: 3000, endMs: 5600, at: 'optional[1]' });
});

test('JSON may begin with a byte order mark', async () => {
  const text = `\uFEFF${toJson({ segments: [cat(0, 1000)] })}`;
  expect(await segmentsOf('mark.json', text)).toEqual([['cat', 0, 1000, 'segments[0]']]);
});

test('CSV has seconds or clock times, in any order of columns, others passed over', async () => {
  const text = '\uFEFFlabel,Start,note,end\r\n"dog, big",1.5,x,0:03.25\r\n\r\ncat,1:00:00,,1:00:02.001\r\n';
  expect(await segmentsOf('a.csv', text)).toEqual([
    ['dog, big', 1500, 3250, 'line 2'],
    ['cat', 3_600_000, 3_602_001, 'line 4'],
  ]);
});

test('segments.csv of labelcast tag, corrected by hand, is truth', async () => {
  const text = "path,label,startMs,endMs,start,end\nclip.mp4,'=odd,0,1,0:00:00.000,0:00:02.400\n";
  expect(await segmentsOf('b.csv', text)).toEqual([['=odd', 0, 2400, 'line 2']]);
});

test('WebVTT has a label or several in a cue', async () => {
  const text =
    'WEBVTT\n\nNOTE by hand\n\n1\n00:01.000 --> 00:02.500\n<c.x>salt &amp; pepper</c>, dog\ncat\n\n' +
    '100:00:00.000 --> 100:00:01.000\ncat\n\n00:00.000 --> 00:01.000\ncat\n';
  expect(await segmentsOf('a.vtt', text)).toEqual([
    ['cat', 0, 1000, 'cue at 0.000 s'],
    ['salt & pepper', 1000, 2500, 'cue at 1.000 s'],
    ['dog', 1000, 2500, 'cue at 1.000 s'],
    ['cat', 1000, 2500, 'cue at 1.000 s'],
    ['cat', 360_000_000, 360_001_000, 'cue at 360000.000 s'],
  ]);
});

test.each<[string, string, string, readonly unknown[]]>([
  ['a.json', '{', 'is not a truth file', [expect.stringMatching(/^not JSON: /)]],
  ['a.json', '[]', 'is not a truth file', ['(top level): write keys with values, not a list']],
  [
    'a.json',
    toJson({ optinal: [], segments: [{ label: 'cat', startMs: 0 }] }),
    'is not a truth file',
    ['segments[0].endMs: is missing: write a number', 'optinal: unknown key; did you mean optional?'],
  ],
  [
    'a.json',
    toJson({ segments: [cat(-5, 10)] }),
    'is not a truth file',
    ['segments[0].startMs: must be at least 0'],
  ],
  ['a.csv', '', 'is not a truth file', ['line 1: a header with start, end, label is missing']],
  ['a.csv', 'from,end,name\n', 'is not a truth file', ['line 1: the header names no column start, label']],
  [
    'a.csv',
    'start,end,label\n1,2s,cat\n,3,dog\n1,2,\n',
    'is not a truth file',
    [
      "line 2: end is '2s', which is no time: write seconds or H:MM:SS.mmm",
      'line 3: start is empty: write seconds or H:MM:SS.mmm',
      'line 4: the label is empty',
    ],
  ],
  [
    'a.csv',
    'start,end,label\n1,2,cat,x\n',
    'is not a truth file',
    [expect.stringMatching(/^not CSV: .*line 2/)],
  ],
  [
    'a.vtt',
    '00:01.000 --> 00:02.000\ncat\n',
    'is not a truth file',
    [
      'line 1: No valid signature. (File needs to start with "WEBVTT".)',
      'line 2: No blank line after the signature',
    ],
  ],
  [
    'a.vtt',
    'WEBVTT\n\n00:01.0 --> 00:02.000\ncat\n',
    'is not a truth file',
    ['line 3: Milliseconds must be given in three digits'],
  ],
])(
  '%s: what is no truth file is refused with the places of its problems',
  async (name, text, what, issues) => {
    expect(await problemsOf(name, text)).toEqual({ message: `${name} ${what}`, issues });
  },
);

test.each<[string, string, string, readonly string[]]>([
  [
    'a segment that overlaps another of its label',
    'a.json',
    toJson({ segments: [cat(2000, 5000), cat(0, 3000), cat(0, 9000, 'dog'), cat(5000, 6000)] }),
    ['segments[0]: cat begins at 2.000 s, before that of segments[1] ends at 3.000 s'],
  ],
  [
    'segments that overlap a longer one',
    'a.csv',
    'start,end,label\n0,9,cat\n1,2,cat\n3,4,cat\n',
    [
      'line 3: cat begins at 1.000 s, before that of line 2 ends at 9.000 s',
      'line 4: cat begins at 3.000 s, before that of line 2 ends at 9.000 s',
    ],
  ],
  [
    'a negative time',
    'a.csv',
    'start,end,label\n-1.5,2,cat\n',
    ['line 2: cat begins at -1.500 s, before the clip'],
  ],
  [
    'an end before the begin',
    'a.vtt',
    'WEBVTT\n\n00:03.000 --> 00:02.000\ncat\n',
    ['cue at 3.000 s: cat ends at 2.000 s, before it begins at 3.000 s'],
  ],
  [
    'an empty segment',
    'a.json',
    toJson({ segments: [cat(1000, 1000)] }),
    ['segments[0]: cat ends at 1.000 s, where it begins'],
  ],
  [
    'a segment beyond the clip',
    'a.json',
    toJson({ durationMs: 4000, segments: [cat(0, 4001)], optional: [cat(5000, 6000, 'dog')] }),
    [
      'segments[0]: cat ends at 4.001 s, beyond the clip, whose durationMs is 4000',
      'optional[0]: dog ends at 6.000 s, beyond the clip, whose durationMs is 4000',
    ],
  ],
  ['a clip without length', 'a.json', toJson({ durationMs: 0 }), ['durationMs: 0 is not above 0']],
  [
    'a label that is not judged',
    'a.json',
    toJson({ labels: ['cat', 'dog'], segments: [cat(0, 1000, 'cta')] }),
    ['segments[0]: cta is not one of labels; did you mean cat?'],
  ],
])('%s is refused with its place', async (_, name, text, issues) => {
  expect(await problemsOf(name, text)).toEqual({ message: `${name} contradicts itself`, issues });
});

test('a file that is not there, or has another ending, is refused', async () => {
  await expect(readTruth(join(folder, 'none.json'))).rejects.toThrow('none.json does not exist');
  await expect(readTruth('clip.mp4')).rejects.toMatchObject({
    message: 'clip.mp4 is no truth file by its name',
    remedy: 'name one that ends with .json, .csv, .vtt',
  });
});
