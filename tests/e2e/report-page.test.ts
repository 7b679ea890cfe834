import { copyFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LABEL_COLORS } from '../../src/report/palette.js';
import type { ReportLabel, ReportSegment, ReportSource } from '../../src/report/report-data.js';
import { type Chromium, openChromium } from '../services/chromium.js';
import { until } from '../until.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { type OpenReport, openReport } from './report-page.js';
import { makeThumbnails, toSampleReport, toSampleSource } from './report-samples.js';

const DURATION_MS = 19_000;
const EMPTY = '#000000'; // nothing is painted on the canvas there
const folder = createFolder();
let chromium: Chromium;

beforeAll(async () => {
  chromium = await openChromium();
  copyFileSync(DEMO_CLIP, folder.file('demo clip.mp4'));
});
afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  folder.remove();
});

function segment(startMs: number, endMs: number, peak = 0.9): ReportSegment {
  return { startMs, endMs, peak, mean: 0.6, isOpen: false };
}

function label(name: string, segments: readonly ReportSegment[]): ReportLabel {
  const bytes = Buffer.alloc(95);
  for (const { startMs, endMs } of segments) bytes.fill(204, startMs / 200, endMs / 200);
  return { label: name, enter: 0.55, exit: 0.38, segments, scores: bytes.toString('base64') };
}

const CAT = label('cat', [segment(0, 3200), segment(11_400, 13_200, 0.98)]);
const CUP = label('cup', [segment(3400, 6200, 0.99), segment(15_800, 17_400)]);
const TIE = label('tie', [segment(13_200, 16_200, 0.7)]);
const DEMO: ReportSource = {
  ...toSampleSource('clips/demo clip.mp4', { durationMs: DURATION_MS, labels: [] }),
  labels: [CAT, CUP, TIE],
  scoreSteps: Array.from({ length: 95 }, (_, n) => (n === 0 ? 0 : 200)),
  video: 'demo%20clip.mp4',
};

async function openDemo(rest: Partial<ReportSource> = {}, hash = ''): Promise<OpenReport> {
  return await openReport(chromium, toSampleReport({ ...DEMO, ...rest }), folder.file('report.html'), {
    hash,
  });
}

async function currentTime({ page }: OpenReport): Promise<number> {
  return await page.locator('video').evaluate((video) => video.currentTime);
}

async function untilTime(report: OpenReport, seconds: number): Promise<void> {
  await until(
    `the video is at ${seconds} s`,
    async () => Math.abs((await currentTime(report)) - seconds) < 0.15,
  );
}

describe('a report of one video', () => {
  test('opens with its figures, its lanes where the segments are, and nothing to complain about', async () => {
    const report = await openDemo({ thumbnails: makeThumbnails(DEMO_CLIP, DURATION_MS, 20) });
    expect(await report.page.title()).toBe('demo clip.mp4 – labelcast report');
    expect(await report.page.locator('.figures dd').allTextContents()).toEqual(['19.0 s', '3', '5', '63 %']);
    expect(await report.lanes()).toEqual(['cat', 'cup', 'tie']);
    const [cat, cup] = LABEL_COLORS.light;
    await until('the lanes are painted', async () => (await report.colorAt(0, 1600)) === cat);
    expect([await report.colorAt(1, 16_000), await report.colorAt(0, 9000)]).toEqual([cup, EMPTY]);
    expect(await report.view()).toEqual({ from: 0, to: 1 });
    expect(report.log.problems).toEqual([]);
  });

  test('the wheel zooms around the pointer, a drag pans, Fit shows all again', async () => {
    const report = await openDemo();
    const { x, y } = await report.placeOf(0, 12_000);
    await report.page.mouse.move(x, y);
    await report.page.mouse.wheel(0, -800);
    await until('it is zoomed', async () => (await report.view()).to < 0.99);
    const zoomed = await report.view();
    const after = await report.placeOf(0, 12_000);
    expect(Math.abs(after.x - x)).toBeLessThan(1.5);
    const [cat] = LABEL_COLORS.light;
    await until('the zoom is painted', async () => (await report.colorAt(0, 12_400)) === cat);

    await report.page.mouse.down();
    await report.page.mouse.move(x + 150, y, { steps: 5 });
    await report.page.mouse.up();
    const panned = await report.view();
    expect(panned.from).toBeLessThan(zoomed.from - 0.01);
    expect(panned.to - panned.from).toBeCloseTo(zoomed.to - zoomed.from, 6);
    await report.untilAddress('from=');

    await report.page.getByRole('button', { name: 'Fit' }).click();
    expect(await report.view()).toEqual({ from: 0, to: 1 });
  });

  test('a wheel that turns the page away goes on doing so over the timeline', async () => {
    const report = await openDemo();
    const { x, y } = await report.placeOf(0, 12_000);
    await report.page.mouse.move(x, y);
    await report.page.mouse.wheel(0, 300);
    await until('the page is scrolled', async () => (await report.page.evaluate('scrollY')) !== 0);
    expect(await report.view()).toEqual({ from: 0, to: 1 });
  });

  test('two fingers zoom and one pans', async () => {
    const file = folder.file('touch.html');
    const report = await openReport(chromium, toSampleReport(DEMO), file, { hasTouch: true });
    const touch = await report.page.context().newCDPSession(report.page);
    const { y } = await report.placeOf(1, 0);
    const send = async (type: string, ...xs: readonly number[]) => {
      const touchPoints = xs.map((x, id) => ({ x, y, id }));
      await touch.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints });
    };
    await send('touchStart', 600, 800);
    for (const by of [20, 40, 60, 80, 100]) await send('touchMove', 600 - by, 800 + by);
    await send('touchEnd');
    const pinched = await report.view();
    expect(pinched.to - pinched.from).toBeCloseTo(0.5, 1);

    await send('touchStart', 800);
    for (const by of [20, 40, 60, 80, 100]) await send('touchMove', 800 - by);
    await send('touchEnd');
    const panned = await report.view();
    expect(panned.from).toBeGreaterThan(pinched.from + 0.02);
  });

  test('a click on a lane goes there in the video, and chooses what it hit', async () => {
    const report = await openDemo();
    const { x, y } = await report.placeOf(2, 14_000);
    await report.page.mouse.click(x, y);
    await untilTime(report, 14);
    expect(await report.page.locator('.curve-facts').innerText()).toContain(
      '0:13.2 – 0:16.2 · 3.0 s · peak 0.70',
    );
    expect(await report.page.locator('.now li:not(.below)').allInnerTexts()).toEqual(['tie\n0.80']);
    await report.untilAddress('label=tie');
  });

  test('the pointer is told what it is over', async () => {
    const report = await openDemo({ gaps: [{ startMs: 7000, endMs: 9000 }] });
    const tip = report.page.locator('.tip');
    const pointAt = async (lane: number, ms: number) => {
      const { x, y } = await report.placeOf(lane, ms);
      await report.page.mouse.move(x, y);
      return await tip.locator('p').allInnerTexts();
    };
    expect(await pointAt(1, 5000)).toEqual([
      'cup',
      '0:03.4 – 0:06.2',
      '2.8 s · peak 0.99 · mean 0.60',
      'score 0.80 at 0:05.0',
    ]);
    expect(await pointAt(2, 8000)).toEqual(['tie', 'Nothing could be seen 0:07.0 – 0:09.0']);
    await report.page.locator('.stage').press('Escape');
    expect(await tip.count()).toBe(0);
  });

  test('the filter, the shortest length and the order hold for lanes and table, and for the address', async () => {
    const report = await openDemo();
    const rows = report.page.locator('tbody tr');
    await report.page.getByLabel('Sorted by').selectOption('peak');
    expect(await report.lanes()).toEqual(['cup', 'cat', 'tie']);
    await report.page.getByLabel('Labels', { exact: true }).fill('CA, tie');
    expect(await report.lanes()).toEqual(['cat', 'tie']);
    expect(await rows.count()).toBe(3);
    await report.page.getByLabel('At least').fill('2');
    expect(await rows.count()).toBe(2);
    await report.untilAddress('find=CA%2C+tie&longer=2000&order=peak');

    await report.page.reload();
    await report.page.waitForSelector('tbody tr');
    expect([await report.lanes(), await rows.count()]).toEqual([['cat', 'tie'], 2]);
    await report.page.getByLabel('Labels', { exact: true }).fill('zebra');
    expect(await report.page.locator('.no-lanes').innerText()).toBe('Nothing is left by this filter.');
    expect(await report.page.locator('.now').innerText()).toContain(
      'None of the labels that the filter leaves holds here.',
    );
  });

  test('the table is sorted by its columns', async () => {
    const report = await openDemo();
    const peaks = report.page.locator('td.peak');
    const peak = report.page.getByRole('button', { name: 'Peak' });
    await peak.click();
    expect(await peaks.allTextContents()).toEqual(['0.70', '0.90', '0.90', '0.98', '0.99']);
    await peak.click();
    expect(await peaks.allTextContents()).toEqual(['0.99', '0.98', '0.90', '0.90', '0.70']);
    const head = report.page.locator('th.peak');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
  });

  test('everything goes by keyboard alone', async () => {
    const report = await openDemo();
    const { keyboard } = report.page;
    const tabTo = async (selector: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await keyboard.press('Tab');
        if (
          await report.page
            .locator(selector)
            .first()
            .evaluate((element) => element.ownerDocument.activeElement === element)
        )
          return;
      }
      throw new Error(`Tab does not reach ${selector}`);
    };
    await tabTo('.tools input[type=search]');
    await keyboard.type('c');
    expect(await report.lanes()).toEqual(['cat', 'cup']);
    await tabTo('.stage');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    const speech = report.page.locator('.timeline output');
    expect(await speech.innerText()).toBe('cup: 2 segments, 4.4 s in total');
    await keyboard.press('.');
    await untilTime(report, 3.4);
    await keyboard.press('.');
    await untilTime(report, 15.8);
    expect(await speech.innerText()).toContain('0:15.8 – 0:17.4');
    await keyboard.press('Enter');
    const near = await report.view();
    expect(near.to - near.from).toBeLessThan(0.2);
    await keyboard.press('-');
    await keyboard.press('ArrowLeft');
    const far = await report.view();
    expect(far.to - far.from).toBeGreaterThan(near.to - near.from);
    await keyboard.press('0');
    expect(await report.view()).toEqual({ from: 0, to: 1 });
    await keyboard.press(' ');
    const isPaused = () => report.page.locator('video').evaluate((video) => video.paused);
    await until('it plays', async () => !(await isPaused()));
    await keyboard.press(' ');
    await until('it pauses', isPaused);
    await keyboard.press('End');
    expect((await report.view()).to).toBe(1);
    await tabTo('tbody button');
    await keyboard.press('Enter');
    await untilTime(report, 0);
    expect(await report.page.locator('tr.marked .label').innerText()).toBe('cat');
  });

  test('a video that is not there is said to be, and its thumbnails stand in for it', async () => {
    const thumbnails = makeThumbnails(DEMO_CLIP, DURATION_MS, 20);
    const report = await openDemo({ video: 'moved%20away.mp4', thumbnails });
    const caption = report.page.locator('figcaption');
    await caption.waitFor();
    expect(await caption.innerText()).toContain('moved away.mp4 could not be played.');
    const { x, y } = await report.placeOf(2, 14_000);
    await report.page.mouse.click(x, y);
    expect(await report.page.locator('.player canvas').getAttribute('aria-label')).toBe(
      'Thumbnail at 0:14.0',
    );
  });
});

describe('a report of several sources', () => {
  const LIVE = toSampleSource(
    'rtsp://10.0.0.5/gate',
    { labels: ['person'], durationMs: 3_600_000 },
    { kind: 'live', state: 'open', startTime: '2026-01-05T10:00:00Z' },
  );

  test('lists them with a picture each, opens one with its own address, and goes back', async () => {
    const pictured = { ...DEMO, thumbnails: makeThumbnails(DEMO_CLIP, DURATION_MS, 20) };
    const report = await openReport(chromium, toSampleReport(pictured, LIVE), folder.file('several.html'));
    const isPainted = async (): Promise<boolean> =>
      await report.page
        .locator('canvas.poster')
        .evaluate((canvas) => canvas.getContext('2d')!.getImageData(160, 90, 1, 1).data[3] === 255);
    await until('the poster is painted', isPainted);
    const titles = report.page.locator('.overview h2');
    expect(await titles.allTextContents()).toEqual(['demo clip.mp4', 'rtsp://10.0.0.5/gate']);
    await report.page.getByLabel('Labels or names').fill('person');
    expect(await titles.allTextContents()).toEqual(['rtsp://10.0.0.5/gate']);
    await report.page.getByRole('link', { name: 'rtsp://10.0.0.5/gate' }).click();
    expect(await report.page.locator('h1').innerText()).toBe('rtsp://10.0.0.5/gate');
    await report.untilAddress('stream=rtsp');
    await report.page.goBack();
    await report.page.locator('h1', { hasText: '2 sources' }).waitFor();
    expect(await report.page.getByLabel('Labels or names').inputValue()).toBe('person');
  });

  test('a live source is told by the time of day, unless the reader wants its own', async () => {
    const report = await openReport(chromium, toSampleReport(LIVE), folder.file('live.html'));
    const now = report.page.locator('.now h2');
    expect(await now.innerText()).toBe('At 10:00:00.0');
    await report.page.getByLabel('Time of day').uncheck();
    expect(await now.innerText()).toBe('At 0:00.0');
    await report.untilAddress('clock=stream');
  });
});
