import '../integration/publish/disposal.js';
import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from '@jest/globals';
import { TinyPackage } from '../integration/infer/tiny-package.js';
import { makeCameraClip, openRtspServer } from '../services/rtsp.js';
import { createFolder, DEMO_CLIP, ffmpeg, inRealTime } from './clips.js';
import { onTerminal } from './terminal.js';

const folder = createFolder();
afterAll(() => folder.remove());

const PROGRESS = /[━─]|\d%|getting the model/;

test('while a file is tagged its progress is seen, and nothing of it is left beside the tables', async () => {
  const run = await onTerminal(`labelcast tag ${DEMO_CLIP}`, { columns: 80 });
  expect(run.status).toBe(0);
  expect(run.seen.some((line) => /demo\.mp4 +(━|─)+ +\d+% +\d+\.\d× +\d+:\d\d left/.test(line))).toBe(true);
  expect(run.lines.filter((line) => PROGRESS.test(line))).toEqual([]);
  expect(run.lines[1]).toMatch(/^ {2}label +from +to +length +peak +mean$/);
  expect(run.lines.find((line) => /^ {2}cat +2 /.test(line))).toMatch(/\|[█▇▆▅▄▃▂▁ ]+\|$/);
  expect(run.lines.at(-1)).toBe('  13 segments');
});

test('a narrow terminal, an error amid it and one made narrower yet: no glued line, no remains', async () => {
  const bad = folder.file('bad.mp4');
  writeFileSync(bad, 'no video');
  let isResized = false;
  const run = await onTerminal(`labelcast tag ${DEMO_CLIP} ${bad} --labels cat`, {
    columns: 60,
    env: inRealTime(folder.file('ffmpeg')),
    onScreen: (lines, terminal) => {
      if (isResized || !lines.some((line) => /demo.*\d%/.test(line))) return;
      isResized = true;
      terminal.resize(20, 24);
    },
  });
  expect({ status: run.status, isResized }).toEqual({ status: 1, isResized: true });
  expect(run.seen.some((line) => line.includes('error:'))).toBe(true);
  expect(run.seen.filter((line) => /%.*error:|error:.*%|\d% .*segment/.test(line))).toEqual([]);
  expect(run.lines.filter((line) => PROGRESS.test(line))).toEqual([]);
  expect(run.lines.join('\n')).toMatch(/ {2}label +from\n {2}cat +0:00\.0\n {2}cat +0:11\.0\n/);
});

test('where nothing is found it is told what came nearest', async () => {
  const dark = folder.file('dark.mkv');
  ffmpeg('-f', 'lavfi', '-i', 'color=0x336633:size=64x64:rate=10:duration=2', '-c:v', 'ffv1', dark);
  const tiny = new TinyPackage('tiny');
  const run = await onTerminal(`labelcast tag ${dark} --model ${tiny.dir}`, { columns: 80 });
  tiny.remove();
  expect(run.status).toBe(0);
  expect(run.lines.slice(1)).toEqual([
    '  0 segments',
    '  nearest: green 0.40 (enter 0.50); labelcast explain shows why',
  ]);
});

test('Ctrl-C leaves a clean screen and the command to go on with', async () => {
  const long = folder.file('long.mp4');
  ffmpeg('-stream_loop', '20', '-i', DEMO_CLIP, '-c', 'copy', '-an', long);
  let isStopped = false;
  const run = await onTerminal(`labelcast tag ${long}`, {
    columns: 80,
    onScreen: (lines, terminal) => {
      if (isStopped || !lines.some((line) => /long.*\d%/.test(line))) return;
      isStopped = true;
      terminal.type('\u0003');
    },
  });
  expect(run.status).toBe(130);
  expect(run.lines.filter((line) => PROGRESS.test(line))).toEqual([]);
  expect(run.lines.join('')).toMatch(/to go on: .*tag --journal .*--resume .*long\.mp4$/);
});

test('Ctrl-C before anything was begun tells of no journal, and leaves none', async () => {
  let isStopped = false;
  const run = await onTerminal(`labelcast tag ${DEMO_CLIP} -o ${folder.file('early')}`, {
    columns: 80,
    env: inRealTime(folder.file('ffmpeg')), // a machine that is slow to hear of it has begun
    onScreen: (lines, terminal) => {
      if (isStopped || !lines.some((line) => line.includes('getting the model ready'))) return;
      isStopped = true;
      terminal.type('\u0003');
    },
  });
  expect(run.status).toBe(130);
  expect(run.lines.filter((line) => PROGRESS.test(line))).toEqual([]);
  expect(run.lines.join('').includes('to go on:')).toBe(existsSync(folder.file('early/journal.db')));
});

test('a reader that goes away leaves a clean screen too; without progress nothing is drawn, without colours none sent', async () => {
  const [cut, lines, bare] = await Promise.all([
    onTerminal(`labelcast tag ${DEMO_CLIP} --table | head -1`, { columns: 80 }),
    onTerminal(`labelcast tag ${DEMO_CLIP} --labels cat | cut -c 1-20`, { columns: 80 }),
    onTerminal(`labelcast tag ${DEMO_CLIP} --no-progress`, { columns: 80, env: { NO_COLOR: '1' } }),
  ]);
  expect(cut.lines).toEqual([DEMO_CLIP]);
  // started and ended, twice, then completed and the state
  expect(lines.lines).toEqual(Array.from({ length: 6 }, () => '{"specversion":"1.0"'));
  expect(bare.status).toBe(0);
  expect(bare.raw).not.toContain('\u001B');
});

test('a camera shows its connection and what holds, its segments as they end, and what a gap ended', async () => {
  await using camera = await openRtspServer({ mounts: { '/gate': await makeCameraClip() } });
  let isLost = false;
  const command = `labelcast tag ${camera.url('/gate')} --duration 35 --give-up-after 60 --log-level info`;
  const run = await onTerminal(command, {
    columns: 120,
    rows: 60,
    onScreen: (lines) => {
      const isCupShown =
        lines.some((line) => /^cat .* to /.test(line)) && lines.some((line) => / frames .*cup/.test(line));
      if (isLost || !isCupShown) return;
      isLost = true;
      void camera.kill();
    },
  });
  expect({ status: run.status, isLost }).toEqual({ status: 0, isLost: true });
  expect(run.seen.some((line) => /\/gate +online +0:\d\d +\d+ frames +\w/.test(line))).toBe(true);
  expect(run.seen.filter((line) => /real time|files/.test(line))).toEqual([]);
  const text = run.lines.join('\n');
  expect(text).toMatch(/, times of day in \S.*\ncat +\d\d:\d\d:\d\d to \d\d:\d\d:\d\d +\d\.\d s +peak /);
  expect(text).toMatch(/^\d\d:\d\d:\d\d INFO \S+gate\S*: no frame for \d+ s: \d open segments? ended$/m);
  expect(text).toMatch(/^ {2}cat +\d\d:\d\d:\d\d +\d\d:\d\d:\d\d +\d\.\d s /m);
  expect(run.lines.filter((line) => / frames\b/.test(line))).toEqual([]);
});
