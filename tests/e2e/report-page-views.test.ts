import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { LABEL_COLORS } from '../../src/report/palette.js';
import type { ReportData } from '../../src/report/report-data.js';
import { type Chromium, openChromium } from '../services/chromium.js';
import { until } from '../until.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { type OpenReport, openReport } from './report-page.js';
import { makeThumbnails, toSampleReport, toSampleSource } from './report-samples.js';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const THEMES = ['light', 'dark'] as const;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const folder = createFolder();
let chromium: Chromium;

beforeAll(async () => {
  chromium = await openChromium();
});
afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  folder.remove();
});

const FILE = toSampleSource(
  'clips/gate.mp4',
  { gaps: [{ startMs: 20_000, endMs: 26_000 }], scoreStepMs: 200 },
  { thumbnails: makeThumbnails(DEMO_CLIP, 19_000, 12), startTime: '2026-01-05T10:00:00Z' },
);
const FAILED = toSampleSource(
  'clips/torn.mp4',
  { seed: 2 },
  { state: 'failed', failure: 'The data end early.' },
);
const BARE = toSampleSource('clips/empty.mp4', { labels: [] });
const LIVE = toSampleSource(
  'rtsp://10.0.0.5/gate',
  { seed: 3 },
  { kind: 'live', state: 'open', startTime: '2026-01-05T10:00:00Z' },
);

/**
 * The dark theme differs in colours alone, so the rules about them are enough there. The page has no frames: axe needs no
 * page of its own to join their results (`setLegacyMode`).
 */
async function violationsOf(page: Page, theme: (typeof THEMES)[number]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode();
  const chosen =
    theme === 'light' ? axe.withTags(WCAG) : axe.withRules(['color-contrast', 'link-in-text-block']);
  const { violations, passes } = await chosen.analyze();
  expect(passes.map(({ id }) => id)).toContain('color-contrast');
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

async function open(report: ReportData, options: Parameters<typeof openReport>[3] = {}): Promise<OpenReport> {
  return await openReport(chromium, report, folder.file('report.html'), options);
}

describe.each(THEMES)('axe has nothing against the %s', (colorScheme) => {
  const several = toSampleReport(FILE, FAILED, BARE, LIVE);

  test('overview, whole or filtered to nothing', async () => {
    const { page } = await open(several, { colorScheme });
    expect(await violationsOf(page, colorScheme)).toEqual([]);
    await page.getByLabel('Labels or names').fill('zebra');
    expect(await violationsOf(page, colorScheme)).toEqual([]);
  });

  test.each([
    ['failed file', FAILED],
    ['file without labels', BARE],
    ['live stream', LIVE],
  ])('view of a %s', async (_name, source) => {
    const { page, log } = await open(toSampleReport(source), { colorScheme });
    expect(await violationsOf(page, colorScheme)).toEqual([]);
    expect(log.problems).toEqual([]);
  });

  test('view of a file with a label chosen and a segment under the pointer', async () => {
    const { page, log, placeOf } = await open(several, { colorScheme, hash: `#stream=${FILE.streamId}` });
    await page.locator('.lane-names button').nth(1).click();
    const { x, y } = await placeOf(1, FILE.labels[1]!.segments[0]!.startMs + 50);
    await page.mouse.move(x, y);
    await page.locator('.tip').waitFor();
    expect(await violationsOf(page, colorScheme)).toEqual([]);
    expect(log.problems).toEqual([]);
  });

  test('views of a phone', async () => {
    const { page } = await open(several, { colorScheme, ...PHONE });
    expect(await violationsOf(page, colorScheme)).toEqual([]);
    await page.locator('.overview a').first().click();
    await page.locator('.stage').waitFor();
    expect(await violationsOf(page, colorScheme)).toEqual([]);
  });

  test('empty report', async () => {
    const { page } = await open(toSampleReport(), { colorScheme });
    expect(await page.locator('h1').innerText()).toBe('Nothing was tagged');
    expect(await violationsOf(page, colorScheme)).toEqual([]);
  });
});

describe('the theme', () => {
  test.each(THEMES)('follows the system, %s here, and turns when it is asked to', async (colorScheme) => {
    const report = await open(toSampleReport(FILE), { colorScheme });
    const background = () => report.page.evaluate('getComputedStyle(document.body).backgroundColor');
    const colors = { light: 'rgb(245, 246, 248)', dark: 'rgb(13, 17, 22)' };
    const other = colorScheme === 'light' ? 'dark' : 'light';
    const { color, startMs, endMs } = { color: 0, ...FILE.labels[0]!.segments[0]! };
    const painted = () => report.colorAt(0, (startMs + endMs) / 2);
    expect(await background()).toBe(colors[colorScheme]);
    await until('lanes have its colour', async () => (await painted()) === LABEL_COLORS[colorScheme][color]);
    await report.page.getByRole('button', { name: 'Dark' }).click();
    expect(await background()).toBe(colors[other]);
    await until('lanes have the other', async () => (await painted()) === LABEL_COLORS[other][color]);
  });
});

test('on paper a report is light and whole: lanes without a canvas, and every segment', async () => {
  const long = toSampleSource('long.mp4', { segmentCount: 250 });
  const { page } = await open(toSampleReport(long), { colorScheme: 'dark' });
  const segmentCount = long.labels.reduce((sum, { segments }) => sum + segments.length, 0);
  expect(segmentCount).toBeGreaterThan(100);
  const rows = page.locator('tbody tr');
  expect(await rows.count()).toBe(100);
  await page.locator('.pages button', { hasText: 'After' }).click();
  expect(await page.locator('.pages').innerText()).toContain(`2 of ${Math.ceil(segmentCount / 100)}`);
  await page.emulateMedia({ media: 'print' });
  await page.locator('.lanes-figure').waitFor();
  expect(await rows.count()).toBe(segmentCount);
  expect(await page.locator('.lanes-figure .label-bars').count()).toBe(long.labels.length);
  expect(await page.locator('.stage').count()).toBe(0);
  expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
  await page.emulateMedia({ media: 'screen' });
  await page.locator('.stage canvas').waitFor();
  expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
});

test('on a phone nothing is wider than the screen, and a name can be touched', async () => {
  const { page } = await open(toSampleReport(FILE), PHONE);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  await page.locator('.lane-names button').nth(2).tap();
  expect(await page.locator('.curve h3').innerText()).toBe(FILE.labels[2]!.label);
  const heights = await page
    .locator('button:visible, select:visible, input:not([type=checkbox]):visible, .check')
    .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().height));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(24);
});
