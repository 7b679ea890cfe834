import { copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Chromium, openChromium } from '../services/chromium.js';
import { createFolder, DEMO_CLIP, ffmpeg } from './clips.js';
import { isClearError, labelcast } from './labelcast.js';

const folder = createFolder();
let chromium: Chromium;

beforeAll(async () => {
  chromium = await openChromium();
  copyFileSync(DEMO_CLIP, folder.file('demo.mp4'));
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  folder.remove();
});

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

async function boxesOf(page: Page, selector: string): Promise<Box[]> {
  const all = await page.locator(selector).all();
  return Promise.all(all.map(async (one) => (await one.boundingBox())!)); // it is drawn
}

function isInside({ x, y, width, height }: Box, outer: Box): boolean {
  const isWide = x >= outer.x && x + width <= outer.x + outer.width;
  return isWide && y >= outer.y && y + height <= outer.y + outer.height;
}

/** Lines of text are 15 px apart, and their boxes hold room above and below. */
function isOver(a: Box, b: Box): boolean {
  const isBeside = a.x >= b.x + b.width || b.x >= a.x + a.width;
  return !isBeside && Math.abs(a.y - b.y) < 14;
}

function explain(...args: readonly string[]) {
  return labelcast(['explain', ...args], { cwd: folder.path });
}

test('a table says what happened to a label, and a picture beside shows it, in both themes', async () => {
  const { status, stdout, stderr } = await explain('demo.mp4', '--label', 'cat,dog');
  expect([status, stderr]).toEqual([0, expect.stringContaining('demo.cat+dog.svg')]);
  expect(stdout).toMatch(/^demo\.mp4\n.*halfLifeMs 200, minOnMs 400, minOffMs 1500\n/);
  expect(stdout).toMatch(/\ncat \(enter 0\.\d\d, exit 0\.\d\d\): 2 segments, /);
  expect(stdout).toMatch(
    /\n +0:11\.\d +0\.\d\d +0\.\d\d +reached enter +the average reached enter, 0\.\d\d, 0\.2 s\s+after the scores; halfLifeMs is 200\n/,
  );
  expect(stdout).toMatch(
    /\ndog \(.*\): no segment: the average never reached enter, 0\.\d\d; highest 0\.\d\d at /,
  );
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, log } = await chromium.openPage({ colorScheme });
    await page.goto(pathToFileURL(folder.file('demo.cat+dog.svg')).href);
    const counted = ['svg', '.threshold', '.segment', '.of-label .average', '.point'];
    const counts = await Promise.all(counted.map((selector) => page.locator(selector).count()));
    expect(counts).toEqual([1, 4, 2, 2, 4]);
    const [whole] = await boxesOf(page, '.surface');
    const outside = (await boxesOf(page, 'text')).filter((box) => !isInside(box, whole!));
    const notes = await boxesOf(page, '.note');
    const over = notes.filter((a, n) => notes.slice(n + 1).some((b) => isOver(a, b)));
    expect([notes.length, outside, over]).toEqual([4, [], []]);
    const fill = await page.evaluate("getComputedStyle(document.querySelector('.surface')).fill");
    expect(fill).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 25, 31)');
    expect([log.problems, log.requests.length]).toEqual([[], 1]);
  }
});

test('what it says are the segments of labelcast tag, for programs too, and the page holds table and picture', async () => {
  const tagged = await labelcast(['tag', DEMO_CLIP, '--labels', 'cat', '--json']);
  const ends = tagged.stdout
    .split('\n')
    .flatMap((line) => (line.includes('"phase":"ended"') ? [JSON.parse(line).data] : []));
  const { status, stdout } = await explain('demo.mp4', '--label', 'cat', '--json', '-o', 'why/page.html');
  const { labels, smoothing } = JSON.parse(stdout);
  const [cat] = labels;
  expect([status, smoothing, labels.length]).toEqual([
    0,
    { halfLifeMs: 200, minOnMs: 400, minOffMs: 1500 },
    1,
  ]);
  const spans = ends.map(({ startMs, endMs, reason }) => ({ startMs, endMs, endReason: reason }));
  expect(cat.segments).toEqual(spans);
  const sure = cat.turns.filter((turn: { kind: string }) => turn.kind === 'began');
  expect(sure.map((turn: { atMs: number }) => turn.atMs)).toEqual([400, 11_400]);
  const { timesMs, isHeld, scores, averages, states } = cat.observations;
  expect([isHeld, scores, averages, states].map(({ length }) => length)).toEqual(
    Array(4).fill(timesMs.length),
  );
  const { page, log } = await chromium.openPage();
  await page.goto(pathToFileURL(folder.file('why/page.html')).href);
  expect(await page.locator('svg.explain').count()).toBe(1);
  expect(await page.locator('tr').count()).toBe(1 + cat.turns.length);
  expect([log.problems, log.requests.length]).toEqual([[], 1]);
});

test('a clip that is cut off is drawn as far as it goes, and what is missing is said', async () => {
  ffmpeg('-i', DEMO_CLIP, '-c:v', 'libx264', '-g', '10', '-movflags', '+faststart', folder.file('cut.mp4'));
  truncateSync(folder.file('cut.mp4'), Math.floor(readFileSync(folder.file('cut.mp4')).length / 2));
  const { status, stdout, stderr } = await explain('cut.mp4', '--label', 'cat', '--no-progress');
  expect([status, isClearError(stderr, 'cut.mp4')]).toEqual([1, true]);
  expect(stdout).toMatch(/0:00\.4 .* began/);
  expect(existsSync(folder.file('cut.cat.svg'))).toBe(true);
});

test('where the run breaks off it is drawn to there, and running it again is what can be done', async () => {
  const dying = folder.file('ffmpeg-that-dies');
  writeFileSync(
    dying,
    '#!/bin/sh\ncase "$*" in *rawvideo*) ffmpeg -t 2 "$@"; kill -KILL $$ ;; *) exec ffmpeg "$@" ;; esac\n',
    { mode: 0o755 },
  );
  const run = (...args: string[]) =>
    labelcast(['explain', 'demo.mp4', '--label', 'cat', '--no-progress', ...args], {
      cwd: folder.path,
      env: { FFMPEG_PATH: dying },
    });
  const whole = await run('--json', '-o', 'broken.svg');
  const [cat] = JSON.parse(whole.stdout).labels;
  expect([whole.status, cat.endMs, cat.turns.at(-1).why]).toEqual([1, 2000, 'the run broke off here']);
  expect(whole.stderr).toMatch(/^error: ffmpeg was ended by SIGKILL .*demo\.mp4; run it again; /m);
  expect(existsSync(folder.file('broken.svg'))).toBe(true);
  const after = await run('--from', '5', '-o', 'after.svg');
  expect([after.status, after.stdout, existsSync(folder.file('after.svg'))]).toEqual([1, '', false]);
  expect(after.stderr).toContain('what could be read ends at 0:02.0, before --from');
});

test('a picture that cannot be written is an error, and the table is there all the same', async () => {
  const { status, stdout, stderr } = await explain(
    'demo.mp4',
    '--label',
    'cat',
    '-o',
    `${'a'.repeat(300)}.svg`,
  );
  expect([status, stderr]).toEqual([2, expect.stringContaining('its name is too long; name another place')]);
  expect(stdout).toContain('\ncat (enter ');
});

const REFUSED: readonly [string, readonly string[], string, string][] = [
  ['an unknown label', ['demo.mp4', '--label', 'dgo'], 'dgo', 'did you mean dog?'],
  ['no label', ['demo.mp4'], '--label', 'labelcast explain --help'],
  ['an empty label', ['demo.mp4', '--label', 'cat,,dog'], '--label', 'A name is empty'],
  ['a missing clip', ['gone.mp4', '--label', 'cat'], 'gone.mp4', ';'],
  ['a text named .mp4', ['text.mp4', '--label', 'cat'], 'text.mp4', ';'],
  ['a camera', ['rtsp://op:hush@127.0.0.1:9/gate', '--label', 'cat'], '127.0.0.1', 'record it'],
  ['several clips', ['clips/', '--label', 'cat'], '2 clips', 'name one of them'],
  ['a picture that is there', ['demo.mp4', '--label', 'cat', '-o', 'there.svg'], 'there.svg', '--force'],
  ['an ending that is no picture', ['demo.mp4', '--label', 'cat', '-o', 'cat.png'], 'cat.png', '.svg'],
  ['standard output for the picture', ['demo.mp4', '--label', 'cat', '-o', '-'], '-', '.svg'],
  [
    'an end before the start',
    ['demo.mp4', '--label', 'cat', '--from', '9', '--to', '0:05'],
    '--from',
    'within',
  ],
  [
    'a start after the clip',
    ['demo.mp4', '--label', 'cat', '--from', '1:00', '-o', 'never/'],
    '--from',
    'within the clip',
  ],
  ['a time that is none', ['demo.mp4', '--label', 'cat', '--to', 'noon'], '--to', '0:01:15.5'],
  ['a place that cannot be', ['demo.mp4', '--label', 'cat', '-o', 'text.mp4/a.svg'], 'text.mp4', '-o'],
];

test.each(REFUSED)(
  '%s is refused before anything is drawn, with what to do',
  async (_, args, name, remedy) => {
    mkdirSync(folder.file('clips'), { recursive: true });
    copyFileSync(DEMO_CLIP, folder.file('clips/a.mp4'));
    ffmpeg('-i', DEMO_CLIP, '-t', '1', '-c', 'copy', folder.file('clips/b.mp4'));
    writeFileSync(folder.file('text.mp4'), 'no film\n'.repeat(500));
    writeFileSync(folder.file('there.svg'), 'mine');
    const { status, stdout, stderr } = await explain(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(name);
    expect(stderr).toContain(remedy);
    expect(stderr).not.toMatch(/^\s+at |hush/m);
    expect(readFileSync(folder.file('there.svg'), 'utf8')).toBe('mine');
    expect(existsSync(folder.file('never'))).toBe(false);
  },
);

test('--force replaces a picture, a folder gets one of its own name', async () => {
  writeFileSync(folder.file('old.svg'), 'mine');
  const runs = [
    await explain('demo.mp4', '--label', 'dog', '-o', 'old.svg', '--force'),
    await explain('demo.mp4', '--label', 'dog', '--fps', '2', '-o', 'pictures/'),
  ];
  expect(runs.map(({ status }) => status)).toEqual([0, 0]);
  expect(readFileSync(folder.file('old.svg'), 'utf8')).toContain('<svg');
  expect(readFileSync(folder.file('pictures/demo.dog.svg'), 'utf8')).toContain('2 frames/s');
});
