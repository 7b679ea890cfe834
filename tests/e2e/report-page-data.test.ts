import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, openChromium } from '../services/chromium.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { openReport } from './report-page.js';
import { makeThumbnails, toSampleReport, toSampleSource } from './report-samples.js';

const HOUR_MS = 3_600_000;
const folder = createFolder();
let chromium: Chromium;

beforeAll(async () => {
  chromium = await openChromium();
});
afterAll(async () => {
  await chromium[Symbol.asyncDispose]();
  folder.remove();
});

const HOSTILE = [
  '</script><script>document.title="owned"</script>',
  '<img src=x onerror="document.title=\'owned\'">',
  `"double" & 'single' \`back\``,
  'مركبة شرطة',
  '\u202eright to left',
  '🐕‍🦺 guide dog 👩‍👩‍👧',
  'line\nbreak\u2028and another',
  '<!-- <script> %REPORT_DATA% ${x}',
  '__proto__',
  'a name that goes on and on because somebody put a whole sentence where a word belongs, and then another',
];

test('names can be anything and stay text', async () => {
  const source = toSampleSource('clips/<b>é</b> "1" & %REPORT_TITLE%.mp4', {
    labels: HOSTILE,
    segmentCount: 60,
  });
  const report = await openReport(chromium, toSampleReport(source), folder.file('hostile.html'));
  expect((await report.lanes()).sort()).toEqual(source.labels.map(({ label }) => label).sort());
  expect(await report.page.locator('.lane-names :is(img, b, script)').count()).toBe(0);
  expect(await report.page.title()).toBe('b> "1" & %REPORT_TITLE%.mp4 – labelcast report');
  await report.page.getByLabel('Labels', { exact: true }).fill('شرطة');
  expect(await report.lanes()).toEqual(['مركبة شرطة']);
  await report.page.locator('.lane-names button').click();
  await report.untilAddress(`label=${encodeURIComponent('مركبة').slice(0, 6)}`);
  await report.page.reload();
  await report.page.waitForSelector('h3');
  expect(await report.page.locator('h3').innerText()).toBe('مركبة شرطة');
  expect(report.log.problems).toEqual([]);
});

test('two hundred labels scroll, and the chosen one is brought into view', async () => {
  const labels = Array.from({ length: 200 }, (_, n) => `label ${n}`);
  const source = toSampleSource('many.mp4', { labels, durationMs: HOUR_MS, segmentCount: 6000 });
  const report = await openReport(chromium, toSampleReport(source), folder.file('many.html'));
  expect((await report.lanes()).length).toBe(200);
  const rows = report.page.locator('.rows');
  const { x, y } = await report.placeOf(4, HOUR_MS / 2);
  await report.page.mouse.move(x, y);
  await report.page.mouse.wheel(0, 1000);
  await expect(rows.evaluate(untilScrolled)).resolves.toBeGreaterThan(500);
  expect(await report.view()).toEqual({ from: 0, to: 1 });
  await report.page.getByLabel('Sorted by').selectOption('name');
  await report.page.locator('.stage').focus();
  for (let n = 0; n < 150; n++) await report.page.keyboard.press('ArrowDown');
  const chosen = report.page.locator('.lane-names [aria-pressed=true]');
  expect(await chosen.innerText()).toBe('label 149');
  const [box, frame] = [(await chosen.boundingBox())!, (await rows.boundingBox())!];
  expect(box.y).toBeGreaterThan(frame.y);
  expect(box.y + box.height).toBeLessThanOrEqual(frame.y + frame.height + 1);
});

test('a source without labels, gaps, scores or pictures still has its time', async () => {
  const source = toSampleSource('clips/bare.mp4', { labels: [] });
  const report = await openReport(chromium, toSampleReport(source), folder.file('bare.html'));
  expect(await report.page.locator('.no-lanes').innerText()).toBe('No label reached its threshold.');
  expect(await report.page.locator('.scene').innerText()).toBe(
    'There are no pictures: the file was gone, or another one, when this was made.',
  );
  const far = toSampleSource('https://videos.example.org/a.mp4?key=***', { labels: [] });
  const other = await openReport(chromium, toSampleReport(far), folder.file('far.html'));
  expect(await other.page.locator('.scene').innerText()).toBe('');
  expect(await report.page.locator('.figures dd').allTextContents()).toEqual(['1 min 00 s', '0', '0', '0 %']);
  await report.page.getByRole('button', { name: 'Zoom in' }).click();
  expect((await report.view()).to).toBeLessThan(1);
  expect(report.log.problems).toEqual([]);
});

test('a source without any length is no trouble', async () => {
  const source = toSampleSource('clips/none.mp4', { labels: [], durationMs: 0 });
  const report = await openReport(chromium, toSampleReport(source), folder.file('none.html'));
  await report.page.locator('.stage').press('+');
  expect(await report.page.locator('.figures dd').first().innerText()).toBe('0.0 s');
  expect(report.log.problems).toEqual([]);
});

test('an hour with pictures and curves stays below 2 MB, and asks for nothing but itself', async () => {
  const thumbnails = makeThumbnails(DEMO_CLIP, 19_000, 60);
  const options = { durationMs: HOUR_MS, segmentCount: 1500, scoreStepMs: 200 };
  const source = toSampleSource('hour.mp4', options, { thumbnails });
  const file = folder.file('hour.html');
  const report = await openReport(chromium, toSampleReport(source), file);
  await report.page.waitForLoadState('networkidle');
  expect(statSync(file).size).toBeLessThan(2_000_000);
  const requests = report.log.requests.filter((url) => !url.startsWith('data:'));
  expect(requests).toEqual([pathToFileURL(file).href]);
});

test('even a script that got in could not reach the network', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const source = toSampleSource('http.mp4', {}, { video: `${url}video.mp4` });
  const { page } = await openReport(chromium, toSampleReport(source), folder.file('closed.html'));
  expect(await page.locator('figcaption a').getAttribute('href')).toBe(`${url}video.mp4#t=0.0`);
  const outcome = await page.evaluate(`(async () => {
    const image = new Promise((done) => {
      const picture = document.createElement('img');
      picture.onload = picture.onerror = ({ type }) => done(type);
      picture.src = '${url}image';
    });
    const inline = document.createElement('script');
    inline.textContent = 'document.title = "owned"';
    document.body.append(inline);
    return [await fetch('${url}').catch(() => 'refused'), await image];
  })()`);
  expect(outcome).toEqual(['refused', 'error']);
  expect(await page.title()).toBe('http.mp4 – labelcast report');
  expect(asked).toEqual([]);
  server.close();
});

/** Runs in the page: how far an element is scrolled, once it is. */
async function untilScrolled(element: { scrollTop: number }): Promise<number> {
  let [before, now] = [-1, 0];
  while (now === 0 || now !== before) {
    before = now;
    await new Promise((tick) => setTimeout(tick, 100));
    now = element.scrollTop;
  }
  return now;
}
