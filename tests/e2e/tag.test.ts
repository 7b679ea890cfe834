import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LabelEventData } from '../../src/types.js';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { firstDifference, labelcast, type Run, toEvents, toLabelLines } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());

interface Interval {
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
}
const truth = JSON.parse(readFileSync('demo/truth.json', 'utf8')) as {
  segments: Interval[];
  optional: Interval[];
};

let demo: Run;
beforeAll(async () => {
  demo = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('demo'), '--json']);
});

function overlap(a: Interval, b: Interval): number {
  const both = Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs);
  const either = Math.max(a.endMs, b.endMs) - Math.min(a.startMs, b.startMs);
  return a.label === b.label ? Math.max(0, both) / either : 0;
}

function endedSegments(run: Run): Interval[] {
  return toEvents(run.stdout)
    .filter((event) => event.type === 'io.labelcast.label.ended.v1')
    .map((event) => event.data as LabelEventData)
    .map(({ label, startMs, endMs }) => ({ label, startMs, endMs: endMs! }));
}

test('the demo clip is tagged as its truth says, with nothing missed and nothing invented', () => {
  const found = endedSegments(demo);
  const missed = truth.segments.filter((wanted) => !found.some((segment) => overlap(segment, wanted) >= 0.5));
  const invented = found.filter(
    (segment) =>
      !truth.segments.some((wanted) => overlap(segment, wanted) >= 0.5) &&
      !truth.optional.some((allowed) => overlap(segment, allowed) > 0),
  );
  expect({ status: demo.status, missed, invented }).toEqual({ status: 0, missed: [], invented: [] });
});

test('what there is nothing to go on with leaves no folder', async () => {
  const run = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('none'), '--resume']);
  expect([run.status, run.stdout, existsSync(folder.file('none'))]).toEqual([2, '', false]);
});

test('the command can be run as a file', () => {
  expect(statSync('dist/src/cli/main.js').mode & 0o111).toBe(0o111);
});

test('the sequence has no hole, and completed is its last number', () => {
  const numbered = toEvents(demo.stdout).filter((event) => event.sequence !== undefined);
  expect(numbered.map((event) => Number(event.sequence))).toEqual(numbered.map((_, n) => n + 1));
  expect(numbered.at(-1)!.type).toBe('io.labelcast.stream.completed.v1');
});

test('the output folder holds the same events as standard output, and the segments as CSV', () => {
  expect(readFileSync(folder.file('demo/events.ndjson'), 'utf8') === demo.stdout).toBe(true);
  const rows = readFileSync(folder.file('demo/segments.csv'), 'utf8').split('\r\n');
  expect([rows.length, rows.at(-1)]).toEqual([endedSegments(demo).length + 2, '']);
});

test('a finished run is printed from its journal, byte for byte, without tagging again', async () => {
  const again = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('demo'), '--json', '--resume']);
  expect([again.status, again.stdout === demo.stdout]).toEqual([0, true]);
  expect(readFileSync(folder.file('demo/events.ndjson'), 'utf8') === demo.stdout).toBe(true);
});

test('--fresh starts anew and finds the same label events', async () => {
  const fresh = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('demo'), '--json', '--fresh']);
  expect([
    fresh.status,
    firstDifference(toLabelLines(toEvents(fresh.stdout)), toLabelLines(toEvents(demo.stdout))),
  ]).toEqual([0, null]);
  expect(existsSync(folder.file('demo/journal.db.old'))).toBe(true);
});

test('a run that gets no tagger leaves the folder of the run before as it is, and makes none', async () => {
  const read = () =>
    readdirSync(folder.file('demo'))
      .sort()
      .map((name) => [name, readFileSync(folder.file(`demo/${name}`)).toString('base64')]);
  const before = read();
  const refused = (name: string) =>
    labelcast(['tag', DEMO_CLIP, '-o', folder.file(name), '--fresh', '--device', 'cuda']);
  expect((await refused('demo')).status).toBe(2);
  expect(read()).toEqual(before);
  expect((await refused('never')).status).toBe(2);
  expect(existsSync(folder.file('never'))).toBe(false);
});

test('--resume without a journal is an error', async () => {
  const run = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('nowhere'), '--resume']);
  expect([run.status, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toMatch(/no journal .*journal\.db.*; /);
});

test('copies of one content are tagged once and named by the first path', async () => {
  const [a, b] = [folder.file('a.mp4'), folder.file('b.mp4')];
  for (const copy of [b, a]) writeFileSync(copy, readFileSync(DEMO_CLIP));
  const run = await labelcast(['tag', b, a, '--table']);
  expect(run.status).toBe(0);
  expect(run.stdout.match(/cat /g)).toHaveLength(2);
  expect(run.stdout).toMatch(/a\.mp4.*b\.mp4/s);
});

test('only the labels asked for are published', async () => {
  const run = await labelcast(['tag', DEMO_CLIP, '--json', '--labels', 'cat,cup']);
  const labels = new Set(endedSegments(run).map(({ label }) => label));
  expect([run.status, [...labels].sort()]).toEqual([0, ['cat', 'cup']]);
});

test('a clip in which nothing is found is completed with number 1', async () => {
  const grey = folder.file('grey.mp4');
  ffmpeg('-f', 'lavfi', '-i', 'color=gray:size=320x240:rate=10:duration=3', '-c:v', 'libx264', grey);
  const run = await labelcast(['tag', grey, '--json']);
  const events = toEvents(run.stdout);
  expect(events.map((event) => [event.type, event.sequence])).toEqual([
    ['io.labelcast.stream.completed.v1', '000000000001'],
    ['io.labelcast.stream.state.v1', undefined],
  ]);
});

test('a private journal is gone after a run that went well', async () => {
  const run = await labelcast(['tag', DEMO_CLIP, '--table'], { env: { TMPDIR: folder.path } });
  expect([run.status, run.stderr]).toEqual([0, '']);
  const left = (await import('node:fs'))
    .readdirSync(folder.path)
    .filter((name) => name.startsWith('labelcast-'));
  expect(left).toEqual([]);
});

test('a file that failed in an earlier run is named with its remedy again', async () => {
  const cut = folder.file('cut.mp4');
  writeFileSync(cut, readFileSync(DEMO_CLIP).subarray(0, 900_000));
  const first = await labelcast(['tag', cut, '-o', folder.file('cut'), '--json']);
  const again = await labelcast(['tag', cut, '-o', folder.file('cut'), '--json']);
  expect([first.status, again.status, again.stdout === first.stdout]).toEqual([1, 1, true]);
  expect(again.stderr).toMatch(/cut\.mp4 failed in an earlier run.*; .*--fresh/);
});

test('unusable files in a folder are published each under its own name', async () => {
  const mixed = folder.file('mixed');
  mkdirSync(mixed);
  for (const name of ['a.mp4', 'b.mp4']) writeFileSync(`${mixed}/${name}`, '');
  writeFileSync(`${mixed}/c.mp4`, readFileSync(DEMO_CLIP));
  const run = await labelcast(['tag', mixed, '--json']);
  const failed = toEvents(run.stdout).filter(({ data }) => 'state' in data && data.state === 'failed');
  expect([run.status, failed.map(({ data }) => data.sourceUri.split('/').at(-1))]).toEqual([
    1,
    ['a.mp4', 'b.mp4'],
  ]);
});
