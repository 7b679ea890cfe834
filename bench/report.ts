// How fast a report opens and pans in Chromium, beside a page with nothing but a canvas of the same size.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toReportHtml } from '../src/report/html.js';
import { DEMO_CLIP } from '../tests/e2e/clips.js';
import { makeThumbnails, toSampleReport, toSampleSource } from '../tests/e2e/report-samples.js';
import { type Chromium, openChromium } from '../tests/services/chromium.js';
import { atLeast, atMost, heading, row } from './live/table.js';

const HOUR_MS = 3_600_000;
const ROUNDS = 5;
const PAN_MS = 3000;
const PLAIN =
  '<!doctype html><title>plain</title><div class="stage"><canvas width="960" height="560"></canvas></div>';

/** Milliseconds from the navigation to the frame after everything is painted, the middle of some rounds. */
async function toOpenMs(chromium: Chromium, file: string): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { page } = await chromium.openPage();
    await page.goto(pathToFileURL(file).href);
    await page.locator('.stage canvas').waitFor();
    const painted = '(async () => { for (let n = 0; n < 2; n++) await new Promise(requestAnimationFrame);';
    taken.push(await page.evaluate(`${painted} return performance.now(); })()`));
    await page.context().close();
  }
  return taken.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

/** Frames per second while every frame pans, and the milliseconds of script in each; `zoom` times closer. */
async function toPan(chromium: Chromium, file: string, zoom: number): Promise<{ rate: number; ms: number }> {
  const { page } = await chromium.openPage();
  await page.goto(pathToFileURL(file).href);
  await page.locator('.stage canvas').waitFor();
  for (let times = 1; times < zoom; times *= 2) await page.getByRole('button', { name: 'Zoom in' }).click();
  const result: { rate: number; ms: number } = await page.evaluate(`(async () => {
    const stage = document.querySelector('.stage');
    const plain = document.title === 'plain' ? stage.firstChild.getContext('2d') : null;
    const { left, top } = stage.getBoundingClientRect();
    let [frames, busy, begin, now] = [0, 0, performance.now(), 0];
    for (; now - begin < ${PAN_MS}; frames++) {
      now = await new Promise(requestAnimationFrame);
      const from = performance.now();
      if (plain) plain.clearRect(0, 0, 960, 560);
      const deltaX = frames % 120 < 60 ? 8 : -8;
      stage.dispatchEvent(
        new WheelEvent('wheel', { deltaX, clientX: left + 300, clientY: top + 150, bubbles: true, cancelable: true }),
      );
      await null;
      busy += performance.now() - from;
    }
    return { rate: (frames / (now - begin)) * 1000, ms: busy / frames };
  })()`);
  await page.context().close();
  return result;
}

const folder = mkdtempSync(join(tmpdir(), 'labelcast-bench-'));
const [plain, file] = [join(folder, 'plain.html'), join(folder, 'report.html')];
const labels = [
  'person',
  'car',
  'dog',
  'bicycle',
  'truck',
  'cat',
  'bus',
  'chair',
  'bird',
  'bench',
  'cup',
  'tie',
];
const source = toSampleSource(
  'hour.mp4',
  { labels, durationMs: HOUR_MS, segmentCount: 5700, scoreStepMs: 200 },
  { thumbnails: makeThumbnails(DEMO_CLIP, 19_000, 120) },
);
const segmentCount = source.labels.reduce((sum, { segments }) => sum + segments.length, 0);
writeFileSync(plain, PLAIN);
writeFileSync(file, toReportHtml(toSampleReport(source)));
try {
  await using chromium = await openChromium();
  heading(
    `Report of an hour, ${labels.length} labels, ${segmentCount} segments, scores each 0.2 s, 120 thumbnails`,
  );
  const megabytes = statSync(file).size / 1e6;
  row('size of the file, MB', megabytes.toFixed(2), atMost(megabytes, 2, 'MB'));
  row('page with an empty canvas: opened → painted, ms', (await toOpenMs(chromium, plain)).toFixed(0));
  const openMs = await toOpenMs(chromium, file);
  row('report: opened → painted, ms', openMs.toFixed(0), atMost(openMs, 1000, 'ms'));
  const empty = await toPan(chromium, plain, 1);
  row('page with an empty canvas, cleared in each frame: frames/s', empty.rate.toFixed(1));
  for (const zoom of [2, 16]) {
    const { rate, ms } = await toPan(chromium, file, zoom);
    row(
      `report: frames/s while it is panned, zoomed in ${zoom} times`,
      rate.toFixed(1),
      atLeast(rate, 50, 'a second'),
    );
    row('of which: script in each, ms', ms.toFixed(1));
  }
} finally {
  rmSync(folder, { recursive: true });
}
