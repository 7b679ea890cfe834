import '../integration/publish/disposal.js';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openJournal } from '../../src/publish/journal.js';
import type { ReportData } from '../../src/report/report-data.js';
import { reportIssuesOf } from '../report-schema.js';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { isClearError, labelcast, type Run } from './labelcast.js';

const folder = createFolder();
afterAll(() => folder.remove());

const clip = folder.file('demo.mp4');
const out = folder.file('out');
let streamId: string;

beforeAll(async () => {
  copyFileSync(DEMO_CLIP, clip);
  const run = await labelcast(['tag', clip, '-o', out]);
  expect([run.status, run.stderr]).toEqual([0, '']);
  streamId = readdirSync(out)
    .find((name) => name.endsWith('.vtt'))!
    .replace(/\.vtt$/, '');
});

function report(...args: readonly string[]): Promise<Run> {
  return labelcast(['report', ...args]);
}

async function readJson(...args: readonly string[]): Promise<ReportData> {
  const run = await report(...args, '-f', 'json');
  expect([run.status, run.stderr]).toEqual([0, '']);
  const data = JSON.parse(run.stdout) as ReportData;
  expect(reportIssuesOf(data)).toEqual([]);
  return data;
}

/** What ffmpeg reads as the packets of subtitles: start and length, in seconds. */
function readSubtitles(file: string): string[] {
  const what = ['-v', 'error', '-show_entries', 'packet=pts_time,duration_time', '-of', 'csv=p=0'];
  const said = execFileSync('ffprobe', [...what, file], { encoding: 'utf8' });
  return said.match(/^[\d.]+,[\d.]+/gm)!;
}

function countFrames(file: string): number {
  const what = [
    '-v',
    'error',
    '-select_streams',
    'v:0',
    '-count_frames',
    '-show_entries',
    'stream=nb_read_frames',
  ];
  return Number(execFileSync('ffprobe', [...what, '-of', 'csv=p=0', file], { encoding: 'utf8' }));
}

test('tag -o leaves subtitles and a page beside its other files', () => {
  expect(readdirSync(out).toSorted()).toEqual(
    ['events.ndjson', 'journal.db', 'report.html', 'segments.csv', `${streamId}.vtt`].toSorted(),
  );
  const page = readFileSync(`${out}/report.html`, 'utf8');
  expect([
    /^<!doctype html>/i.test(page),
    page.includes('data:image/jpeg;base64,'),
    page.includes('../demo.mp4'),
  ]).toEqual([true, true, true]);
  expect(page.length).toBeLessThan(1_000_000);
});

test('report finds the journal in its folder and writes the page beside it', async () => {
  rmSync(`${out}/report.html`);
  const run = await report(out);
  expect(run).toMatchObject({ status: 0, stdout: '', stderr: `written: ${out}/report.html\n` });
  expect(statSync(`${out}/report.html`).size).toBeGreaterThan(10_000);
  const here = await labelcast(['report', '-f', 'csv'], { cwd: out });
  expect(here.stdout).toBe(readFileSync(`${out}/segments.csv`, 'utf8'));
});

test('without thumbnails the page is small', async () => {
  const run = await report(out, '--no-thumbnails', '-o', '-');
  expect([run.status, run.stdout.includes('data:image/jpeg')]).toEqual([0, false]);
});

test('CSV and WebVTT are those of tag -o, byte for byte', async () => {
  expect((await report(out, '-f', 'csv')).stdout).toBe(readFileSync(`${out}/segments.csv`, 'utf8'));
  expect((await report(`${out}/journal.db`, '-f', 'vtt')).stdout).toBe(
    readFileSync(`${out}/${streamId}.vtt`, 'utf8'),
  );
});

test('ffmpeg reads the subtitles at the times of the segments', async () => {
  const data = await readJson(out);
  const segments = data.sources[0]!.labels.flatMap((label) => label.segments);
  const toLine = ({ startMs, endMs }: { startMs: number; endMs: number }): string =>
    `${(startMs / 1000).toFixed(6)},${((endMs - startMs) / 1000).toFixed(6)}`;
  expect(readSubtitles(`${out}/${streamId}.vtt`).toSorted()).toEqual(segments.map(toLine).toSorted());
  const srt = folder.file('demo.srt');
  expect(await report(out, '-f', 'srt', '-o', srt)).toMatchObject({ status: 0, stderr: `written: ${srt}\n` });
  const ends = readSubtitles(srt).map((line) => line.split(',').map(Number));
  expect(ends.length).toBeGreaterThan(5);
  expect(ends.slice(1).filter(([start], n) => start! < ends[n]![0]! + ends[n]![1]! - 0.001)).toEqual([]);
});

test('JSON fits its schema, has curves and thresholds, and says where the video is', async () => {
  const [source] = (await readJson(out)).sources;
  expect(source).toMatchObject({
    kind: 'file',
    state: 'completed',
    name: clip,
    video: `file://${clip}`,
    gaps: [],
  });
  const steps = source!.scoreSteps.length;
  expect(steps).toBeGreaterThan(80);
  for (const { scores, enter, exit } of source!.labels) {
    expect(Buffer.from(scores!, 'base64')).toHaveLength(steps);
    expect([exit < enter, enter < 1]).toEqual([true, true]);
  }
  const file = folder.file('out/as.json');
  await report(out, '-f', 'json', '-o', file);
  const written = JSON.parse(readFileSync(file, 'utf8')) as ReportData;
  expect(written.sources[0]!.video).toBe('../demo.mp4');
});

test('an edit list cuts what a label shows, and nothing else, out of a file that begins late', async () => {
  const late = folder.file("it's late.mkv");
  ffmpeg('-i', DEMO_CLIP, '-c', 'copy', '-output_ts_offset', '30', late);
  const tagged = folder.file('late');
  expect((await labelcast(['tag', late, '-o', tagged, '--labels', 'cat,cup'])).status).toBe(0);
  const list = folder.file('cat.ffconcat');
  expect((await report(tagged, '-f', 'concat', '--label', 'cat', '-o', list)).status).toBe(0);
  const text = readFileSync(list, 'utf8');
  // as the list itself says how
  const [, options] = /^# ffmpeg (.*) -i THIS\.ffconcat/m.exec(text)!;
  const filters = /-vf (\S+)/.exec(text)![1]!;
  const cut = folder.file('cats.mp4');
  ffmpeg(...options!.split(' '), '-i', list, '-vf', filters, cut);
  const [source] = (await readJson(tagged, '--label', 'cat')).sources;
  const { segments } = source!.labels[0]!;
  const shownMs = segments.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  expect(Math.abs(countFrames(cut) - (shownMs * 30) / 1000)).toBeLessThanOrEqual(segments.length);
  // the cut is cat from beginning to end; a segment ends late, so that the next scene shows for a moment
  const again = await labelcast(['tag', cut, '--json', '--labels', 'cat,cup']);
  const ends = again.stdout.split('\n').filter((line) => line.includes('"phase":"ended"'));
  const found = ends.map(
    (line) => (JSON.parse(line) as { data: { label: string; startMs: number; endMs: number } }).data,
  );
  const [cat, ...others] = found.sort((a, b) => a.label.localeCompare(b.label));
  expect([cat!.label, cat!.startMs, cat!.endMs > shownMs - 400]).toEqual(['cat', 0, true]);
  expect(others.filter(({ label, startMs, endMs }) => label === 'cat' || endMs - startMs > 800)).toEqual([]);
});

test('a journal that a run holds is reported all the same', async () => {
  await using _held = await openJournal({ path: `${out}/journal.db` });
  expect((await readJson(out)).sources).toHaveLength(1);
});

test('several streams go into a folder, not to standard output', async () => {
  const both = folder.file('both');
  const other = folder.file('cat.mp4');
  ffmpeg('-i', DEMO_CLIP, '-t', '3', '-c', 'copy', other);
  expect((await labelcast(['tag', clip, other, '-o', both])).status).toBe(0);
  const refused = await report(both, '-f', 'vtt');
  expect([refused.status, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toMatch(
    /these are 2 documents.*; name a folder with -o, or choose one.*\n {2}- cat\.mp4~\w+\.vtt\n/,
  );
  expect((await report(both, '-f', 'vtt', '--stream', streamId)).stdout).toMatch(/^WEBVTT\n/);
  const alone = await report(both, '-f', 'srt', '-o', folder.file('both.srt'));
  expect([alone.status, existsSync(folder.file('both.srt'))]).toEqual([2, false]);
  expect(alone.stderr).toContain(
    'both.srt looks like one file, and these are 2 documents; name a folder, or',
  );
  const lists = folder.file('new/lists');
  expect(await report(both, '-f', 'concat', '-o', lists)).toMatchObject({ status: 0, stdout: '' });
  expect(readdirSync(lists)).toContain(`${streamId}.dining-table.ffconcat`);
  const unknown = await report(both, '-f', 'vtt', '--stream', 'gate-2');
  expect([unknown.status, isClearError(unknown.stderr, 'the journal holds no stream gate-2')]).toEqual([
    2,
    true,
  ]);
});

test('a video that is gone, or another one now, is missed by nothing but its pictures', async () => {
  const away = folder.file('away.mp4');
  renameSync(clip, away);
  try {
    expect((await readJson(out)).sources[0]).toMatchObject({ video: null, labels: expect.any(Array) });
    const page = await report(out, '-o', '-');
    expect([page.status, page.stdout.includes('data:image/jpeg')]).toEqual([0, false]);
    expect(page.stderr).toBe(`no pictures of ${clip}: it is gone, or another file now\n`);
    const cut = await report(out, '-f', 'concat', '-o', folder.file('gone/'));
    expect([cut.status, isClearError(cut.stderr, `${clip} is gone, or not what was tagged`)]).toEqual([
      1,
      true,
    ]);
    ffmpeg('-i', away, '-t', '5', '-c', 'copy', clip);
    expect((await readJson(out)).sources[0]!.video).toBeNull();
  } finally {
    renameSync(away, clip);
  }
});

test('where damage hid a file is told, though no label held', async () => {
  const damaged = folder.file('damaged.ts');
  ffmpeg('-i', DEMO_CLIP, '-c:v', 'libx264', '-g', '25', '-f', 'mpegts', damaged);
  const bytes = readFileSync(damaged);
  const packets = Math.floor(bytes.length / 188);
  for (let n = Math.floor(packets / 3); n < Math.floor((packets * 2) / 3); n++)
    for (let at = n * 188 + 4; at < (n + 1) * 188; at++) bytes[at] = (at * 2654435761) >>> 24;
  writeFileSync(damaged, bytes);
  const tagged = folder.file('damaged');
  expect((await labelcast(['tag', damaged, '-o', tagged, '--labels', 'giraffe'])).status).toBe(0);
  const [source] = (await readJson(tagged)).sources;
  expect([source!.labels, source!.gaps.length]).toEqual([[], 1]);
  const [{ startMs, endMs }] = source!.gaps as [{ startMs: number; endMs: number }];
  expect([startMs > 3000, endMs < 16_000, endMs - startMs > 3000]).toEqual([true, true, true]);
});

test('an output that cannot be written is told, costs no label, and makes the exit status 1', async () => {
  const blocked = folder.file('blocked');
  mkdirSync(`${blocked}/report.html`, { recursive: true });
  const run = await labelcast(['tag', clip, '-o', blocked]);
  expect([
    run.status,
    isClearError(run.stderr, `${blocked}/report.html cannot be written: there is a folder of that name`),
  ]).toEqual([1, true]);
  expect(readFileSync(`${blocked}/segments.csv`, 'utf8')).toContain(',cat,');
  expect(readdirSync(blocked)).toContain(`${streamId}.vtt`);
  for (const bad of [`${clip}/report.html`, '/proc/labelcast/report.html']) {
    const refused = await report(out, '-o', bad);
    expect([refused.status, isClearError(refused.stderr, 'cannot be made: ')]).toEqual([2, true]);
  }
});

test('a place without a journal is named, with what to do', async () => {
  const nowhere = await labelcast(['report'], { cwd: folder.path });
  expect([nowhere.status, isClearError(nowhere.stderr, 'there is no journal in ')]).toEqual([2, true]);
  const missing = await report(folder.file('none.db'));
  expect([missing.status, isClearError(missing.stderr, 'none.db is not there')]).toEqual([2, true]);
  const film = await report(clip);
  expect([film.status, isClearError(film.stderr, `${clip} is not a labelcast journal`)]).toEqual([2, true]);
});

test('an empty journal makes an empty report, and says so', async () => {
  const empty = folder.file('empty.db');
  await (await openJournal({ path: empty }))[Symbol.asyncDispose]();
  const page = await report(empty, '-o', folder.file('empty.html'));
  expect([page.status, page.stderr.split('\n')[0]]).toEqual([0, `the journal ${empty} holds no stream yet`]);
  expect(statSync(folder.file('empty.html')).size).toBeGreaterThan(100);
  expect(await report(empty, '-f', 'vtt')).toMatchObject({ status: 0, stdout: '' });
  expect((await report(empty, '-f', 'csv')).stdout).toMatch(/^path,[^\n]*\r\n$/);
});
