import { AxeBuilder } from '@axe-core/playwright';
import { copyFileSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BrowserContextOptions } from 'playwright-core';
import type { ReportData, ReportLabel } from '../../src/report/report-data.js';
import { type Chromium, openChromium } from '../services/chromium.js';
import { reportIssuesOf } from '../report-schema.js';
import { createFolder, DEMO_CLIP } from './clips.js';
import { labelcast } from './labelcast.js';
import { openReport } from './report-page.js';
import { toSampleReport, toSampleSource } from './report-samples.js';

const folder = createFolder();
let chromium: Chromium;

beforeAll(async () => {
  chromium = await openChromium();
  copyFileSync(DEMO_CLIP, folder.file('demo.mp4'));
  await labelcast(['tag', 'demo.mp4', '-o', 'out', '--no-progress'], { cwd: folder.path });
});
afterAll(async () => {
  await chromium?.[Symbol.asyncDispose]();
  folder.remove();
});

async function open(hash: string, options: BrowserContextOptions = {}) {
  const { page, log } = await chromium.openPage(options);
  await page.goto(`${pathToFileURL(folder.file('out/report.html')).href}${hash}`);
  await page.waitForSelector('.why');
  return { page, log };
}

test('the report of a journal says of each label what explain says of the clip', async () => {
  const json = await labelcast(['report', 'out', '-f', 'json', '-o', '-'], { cwd: folder.path });
  const report = JSON.parse(json.stdout) as ReportData;
  expect(reportIssuesOf(report)).toEqual([]);
  const { labels, nearLabels = [], scoreSteps } = report.sources[0]!;
  const all: readonly ReportLabel[] = [...labels, ...nearLabels];
  expect(nearLabels.length).toBeGreaterThan(0);
  const names = all.map(({ label }) => label);
  const run = await labelcast(['explain', 'demo.mp4', '--label', names.join(','), '--json'], {
    cwd: folder.path,
  });
  const told = (
    JSON.parse(run.stdout) as {
      labels: {
        label: string;
        summary: string;
        turns: Record<string, unknown>[];
        observations: { averages: number[] };
      }[];
    }
  ).labels;
  for (const { label, explanation } of all) {
    const wanted = told.find((one) => one.label === label)!;
    expect(explanation!.summary).toBe(wanted.summary);
    expect(explanation!.turns).toEqual(wanted.turns.map((turn) => expect.objectContaining(turn)));
    const averages = [...Buffer.from(explanation!.averages, 'base64')];
    expect(averages).toHaveLength(scoreSteps.length);
    const off = averages.map((byte, n) => Math.abs(byte / 255 - wanted.observations.averages[n]!));
    expect(Math.max(...off)).toBeLessThan(0.003);
  }
});

test.each(['light', 'dark'] as const)(
  'by keyboard a %s report draws why, and axe is content',
  async (colorScheme) => {
    const { page, log } = await open('', { colorScheme });
    const button = page.getByRole('button', { name: 'Why segments began' });
    expect(await page.locator('.why svg').count()).toBe(0);
    await button.focus();
    await page.keyboard.press('Enter');
    await page.locator('.why .stay.closing').first().waitFor();
    expect(await page.locator('.why .segment').count()).toBe(2);
    expect(await page.locator('.why .note').allTextContents()).toContain('reached enter at 11.0 s');
    await page.locator('.why tr', { hasText: 'began, from 11.0 s' }).getByRole('button').press('Enter');
    expect(await page.locator('.now h2').innerText()).toBe('At 0:11.4');
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().include('.why').analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(log.problems).toEqual([]);
  },
);

test('a label without a segment tells how near it came, and a link comes back to it', async () => {
  const { page } = await open('#explain=yes');
  const near = page.locator('.why optgroup').nth(1).locator('option').first();
  const name = (await near.textContent())!;
  await page.locator('.why select').selectOption(name);
  await page.locator('.why-head p', { hasText: `${name}: no segment: ` }).waitFor();
  await page.waitForURL(/label=.*explain=yes/);
  await page.reload();
  await page.locator('.why-head p', { hasText: `${name}: no segment: ` }).waitFor();
});

test('the picture follows the view, fits a phone, and goes to paper whole', async () => {
  const { page } = await open('#explain=yes&label=cat&from=10000&to=14000', {
    viewport: { width: 400, height: 900 },
  });
  await page.locator('.why .note', { hasText: 'below exit at 13.4 s' }).waitFor();
  expect(await page.locator('.why .segment').count()).toBe(1);
  const wide = await page
    .locator('html')
    .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  expect(wide).toBe(0);
  await page.emulateMedia({ media: 'print' });
  await page.locator('.why .segment').nth(1).waitFor();
  expect(await page.locator('.why select').count()).toBe(0);
});

test('a journal that does not say how it was smoothed is said to be one', async () => {
  const report = toSampleReport(toSampleSource('old.mp4', { scoreStepMs: 200 }));
  const { page } = await openReport(chromium, report, folder.file('old.html'), { hash: '#explain=yes' });
  expect(await page.locator('.why-none').innerText()).toContain('labelcast explain draws it anew');
  expect(readFileSync(folder.file('out/report.html')).length).toBeLessThan(400_000);
});
