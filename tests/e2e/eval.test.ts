import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { labelcast } from './labelcast.js';
import { onTerminal } from './terminal.js';

const folder = createFolder();
const TRUTH = 'demo/truth.json';
let short: string;

beforeAll(() => {
  short = folder.file('short.mp4');
  ffmpeg('-i', DEMO_CLIP, '-t', '5', '-c:v', 'libx264', short);
});
afterAll(() => folder.remove());

function put(name: string, text: string): string {
  const file = folder.file(name);
  writeFileSync(file, text);
  return file;
}

async function evaluate(...args: readonly string[]) {
  const { status, stdout, stderr } = await labelcast(['eval', '--json', ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n')).toHaveLength(2);
  return JSON.parse(stdout) as { clips: Record<string, object>[]; all: Record<string, object> };
}

test('a video is tagged and measured as what tag wrote of it is', async () => {
  const tagged = await labelcast(['tag', DEMO_CLIP, '-o', folder.file('tagged')]);
  expect(tagged.status).toBe(0);
  const [video, events, csv] = await Promise.all([
    evaluate(DEMO_CLIP, '--truth', TRUTH),
    evaluate(folder.file('tagged/events.ndjson'), '--truth', TRUTH),
    evaluate(folder.file('tagged/segments.csv'), '--truth', TRUTH),
  ]);
  expect(video.clips).toEqual([{ input: DEMO_CLIP, truth: TRUTH, ...video.all }]);
  expect(video.all).toMatchObject({
    labels: 80,
    segments: { durationMs: 19_000, trueSegments: 7, missedSegments: 0, falseStartsPerHour: 0 },
    frames: { raw: { labels: 4 }, smoothed: { labels: 4 } },
  });
  const { segments } = video.all;
  // labels that are not found either do not count there
  expect(events.all['segments']).toEqual({ ...segments, flicker: expect.any(Number) });
  expect(csv.all).toEqual({
    labels: events.all['labels'],
    frames: null,
    segments: { ...events.all['segments'], onsetLatency: { medianMs: null, p95Ms: null } },
  });
});

test('labels are told one by one, what went wrong first', async () => {
  const truth = put('wrong.csv', 'start,end,label\n0,3,cat\n3,5.6,cup\n7,8,horse\n16,18,horse\n');
  const args = ['eval', DEMO_CLIP, '--truth', truth, '--labels', 'cat,cup,horse,dog', '--by-label'];
  const [text, json] = await Promise.all([labelcast(args), labelcast([...args, '--json'])]);
  expect(text.stdout).toMatch(/\n\nlabel +true +found +missed .*\n(.+\n)*horse /);
  const { labels } = JSON.parse(json.stdout) as { labels: { label: string; segments: object }[] };
  expect(labels.map(({ label }) => label)).toEqual(['horse', 'cat', 'cup']);
  expect(labels.find(({ label }) => label === 'horse')!.segments).toMatchObject({
    trueSegments: 2,
    foundSegments: 0,
    missedSegments: 2,
    f1: { at25: 0 },
  });
});

test('several clips, each with its truth beside it, have a line each, no wider than the terminal', async () => {
  copyFileSync(short, folder.file('one.mp4'));
  put('one.truth.csv', 'start,end,label\n0,3,cat\n3,5,cup\n');
  ffmpeg('-i', short, '-t', '4', '-c', 'copy', folder.file('two.mp4'));
  put('two.truth.vtt', 'WEBVTT\n\n00:00.000 --> 00:03.000\ncat\n');
  const command = `labelcast eval ${folder.file('one.mp4')} ${folder.file('two.mp4')} --labels cat`;
  const run = await onTerminal(command, { columns: 50, env: { NO_COLOR: '1' } });
  expect(run.status).toBe(0);
  expect(run.lines.filter((line) => line.length > 50)).toEqual([]);
  const lines = run.lines.join('\n');
  expect(lines).toMatch(/^clip +flicker +F1@25/m);
  expect(lines).toMatch(/one\.mp4 +0\.00 +100\.0 %/);
  expect(lines).toMatch(/two\.mp4 +0\.00 +100\.0 %/);
  expect(lines).toContain('2 clips\n');
  expect(lines).toMatch(/^missed +0/m);
});

test.each<[string, () => readonly string[], readonly (string | RegExp)[]]>([
  [
    'labels that the model lacks',
    () => [short, '--truth', put('unknown.csv', 'start,end,label\n0,3,catt\n')],
    ['unknown.csv names labels that the model lacks', 'line 2: catt is no label', 'did you mean cat?'],
  ],
  [
    'truth that goes on after the clip',
    () => [short, '--truth', TRUTH],
    [`${TRUTH} goes to 19.000 s`, 'short.mp4 ends at 5.000 s', 'durationMs is 19000'],
  ],
  [
    'a clip of one frame',
    () => {
      ffmpeg('-i', short, '-frames:v', '1', folder.file('frame.mp4'));
      return [folder.file('frame.mp4'), '--truth', put('frame.csv', 'start,end,label\n0,0.04,cat\n')];
    },
    ['frame.mp4 gave a single frame', '--fps'],
  ],
  [
    'a clip shorter than minOnMs',
    () => [
      short,
      '--truth',
      put('cat.csv', 'start,end,label\n0,3,cat\n'),
      '-c',
      put('slow.yaml', 'smoothing: { minOnMs: 6000 }\n'),
    ],
    ['short.mp4 lasts 5.000 s, less than minOnMs (6000)'],
  ],
  [
    'overlapping segments',
    () => [short, '--truth', put('over.csv', 'start,end,label\n0,3,cat\n2,4,cat\n')],
    ['over.csv contradicts itself', 'line 3: cat begins at 2.000 s'],
  ],
  [
    'a clip without truth',
    () => [short],
    ['there is no truth of', 'short.truth.csv is not there', '--truth'],
  ],
  [
    'two truths of a clip',
    () => {
      copyFileSync(short, folder.file('twice.mp4'));
      for (const name of ['twice.truth.json', 'twice.truth.vtt']) put(name, '');
      return [folder.file('twice.mp4')];
    },
    ['there is more than one truth of', 'twice.truth.json', 'twice.truth.vtt'],
  ],
  [
    'one truth for two inputs',
    () => [short, DEMO_CLIP, '--truth', TRUTH],
    ['--truth is of one clip, and these are 2'],
  ],
  [
    'a live source',
    () => ['rtsp://127.0.0.1:9/gate', '--truth', TRUTH],
    ['is live', 'record it, and judge the recording'],
  ],
  [
    'labels that neither segments nor truth name',
    () => [
      put('named.csv', 'path,label,startMs,endMs\n/a.mp4,cat,0,3000\n'),
      '--truth',
      put('named.truth.csv', 'start,end,label\n0,3,cup\n'),
      '--labels',
      'cup,caat',
    ],
    ['--labels names what neither', 'caat is not named; did you mean cat?'],
  ],
  [
    'what is no video',
    () => [put('text.mp4', 'no film\n'), '--truth', TRUTH],
    ['text.mp4', 'nothing to tag'],
  ],
])('%s: said with what to do, exit status 2', async (_, toArgs, said) => {
  const { status, stdout, stderr } = await labelcast(['eval', ...toArgs()]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  for (const text of said) expect(stderr).toMatch(text);
  expect(stderr).toContain(';');
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('a clip that is too short to be judged is left out, and the others of its folder are measured', async () => {
  mkdirSync(folder.file('mixed'));
  copyFileSync(short, folder.file('mixed/good.mp4'));
  put('mixed/good.truth.csv', 'start,end,label\n0,3,cat\n');
  ffmpeg('-i', short, '-frames:v', '1', folder.file('mixed/one.mp4'));
  put('mixed/one.truth.csv', 'start,end,label\n0,0.04,cat\n');
  const { status, stdout, stderr } = await labelcast(['eval', '--json', folder.file('mixed')]);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/error: .*one\.mp4 gave a single frame.*--fps/),
  });
  const { clips, all } = JSON.parse(stdout) as { clips: { input: string }[]; all: object };
  expect(clips.map(({ input }) => input)).toEqual([folder.file('mixed/good.mp4')]);
  expect(all).toMatchObject({ segments: { clips: 1, trueSegments: 1 } });
});

test('the help says what a missed segment is', async () => {
  const { stdout } = await labelcast(['eval', '--help']);
  const text = stdout.replaceAll(/\s+/g, ' ');
  expect(text).toContain('not hit at an intersection over union of 0.1; each found one hits one at most');
});

test('of a clip of unknown length there are no rates, and one that was not tagged to its end is said', async () => {
  const data = {
    streamId: 'a',
    epoch: 'e',
    sourceUri: 'file:///a.mp4',
    label: 'cat',
    segmentId: '1',
    phase: 'started',
    startMs: 200,
    endMs: null,
    confirmedMs: 600,
  };
  const events = put('cut.ndjson', `${JSON.stringify({ type: 'io.labelcast.label.started.v1', data })}\n`);
  const truth = put('cut.csv', 'start,end,label\n0,3,cat\n');
  const cut = await labelcast(['eval', events, '--truth', truth]);
  expect({ ...cut, stdout: '' }).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /^error: the tagging of .*cut\.ndjson was interrupted, .*; tag the clip to/,
    ),
  });
  expect(cut.stdout).toContain('at least 3.0 s, 1 label');
  expect(cut.stdout).toMatch(/^flicker +- /m);
  expect(cut.stdout).toMatch(/^false starts +- /m);
  const csv = put('open.csv', 'path,label,startMs,endMs\n/a.mp4,cat,0,3000\n/a.mp4,cat,4000,5000\n');
  expect((await evaluate(csv, '--truth', truth)).all).toMatchObject({
    segments: { flicker: null, falseStartsPerHour: null, missedSegments: 0 },
  });
  const span = { label: 'cat', startMs: 0, endMs: 3000 };
  const long = put('long.json', JSON.stringify({ durationMs: 60_000, segments: [span] }));
  expect((await evaluate(csv, '--truth', long)).all).toMatchObject({
    segments: { flicker: 2, falseStartsPerHour: 60 },
  });
});

test('a clip that cannot be tagged does not keep the others from being measured', async () => {
  copyFileSync(short, folder.file('good.mp4'));
  put('good.truth.csv', 'start,end,label\n0,3,cat\n');
  writeFileSync(folder.file('cut.mp4'), readFileSync(DEMO_CLIP).subarray(0, 150_000));
  put('cut.truth.csv', 'start,end,label\n0,1,cat\n');
  const { status, stdout, stderr } = await labelcast([
    'eval',
    folder.file('cut.mp4'),
    folder.file('good.mp4'),
  ]);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/error: .*cut\.mp4.*;/) });
  expect(stdout).toContain('good.mp4\n');
  expect(stdout).toMatch(/^frame mAP, smoothed +\d+\.\d %/m);
});
