import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { toReportHtml } from '../../src/report/html.js';
import type { ReportData } from '../../src/report/report-data.js';
import type { Chromium, PageLog } from '../services/chromium.js';
import { until } from '../until.js';

/** A report in a browser. */
export interface OpenReport {
  readonly page: Page;
  readonly log: PageLog;
  /** The part of the timeline in view, as shares of the whole. */
  readonly view: () => Promise<{ from: number; to: number }>;
  /** Names of the lanes from top to bottom. */
  readonly lanes: () => Promise<string[]>;
  /** Where a time of a lane is on the screen, whether in view or not. */
  readonly placeOf: (lane: number, ms: number) => Promise<{ x: number; y: number }>;
  /** The colour that is painted there, as `#rrggbb`. */
  readonly colorAt: (lane: number, ms: number) => Promise<string>;
  /** Waits until the address has what is shown. */
  readonly untilAddress: (text: string) => Promise<void>;
}

/** Writes the report as `file` and opens it there. */
export async function openReport(
  chromium: Chromium,
  report: ReportData,
  file: string,
  options: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<OpenReport> {
  writeFileSync(file, toReportHtml(report));
  const { hash = '', ...context } = options;
  const { page, log } = await chromium.openPage(context);
  await page.goto(pathToFileURL(file).href + hash);
  await page.waitForSelector('h1');
  const durationMs = report.sources[0]?.durationMs ?? 0;
  const view = async () => {
    const thumb = await page.locator('.navigator .thumb').evaluate(({ style }) => [style.left, style.width]);
    const [left, width] = thumb.map((share) => Number.parseFloat(share) / 100);
    return { from: left!, to: left! + width! };
  };
  const placeOf = async (lane: number, ms: number) => {
    const box = (await page.locator('.stage').boundingBox())!;
    const [row, head, inset] = await page
      .locator('.timeline')
      .evaluate(({ style }) =>
        ['--row', '--head', '--inset'].map((name) => Number.parseFloat(style.getPropertyValue(name))),
      );
    const { from, to } = await view();
    const share = (ms / durationMs - from) / (to - from);
    const [x, y] = [inset! + share * (box.width - 2 * inset!), head! + (lane + 0.5) * row!];
    return { x: Math.round(box.x + x), y: Math.round(box.y + y) };
  };
  return {
    page,
    log,
    view,
    placeOf,
    lanes: async () => await page.locator('.lane-names li bdi').allTextContents(),
    colorAt: async (lane, ms) => {
      const { x, y } = await placeOf(lane, ms);
      return await page.locator('.stage canvas').evaluate(
        (canvas, at) => {
          const { left, top, width } = canvas.getBoundingClientRect();
          const ratio = canvas.width / width;
          const place = [(at.x - left) * ratio, (at.y - top) * ratio] as const;
          const { data }: { data: Uint8ClampedArray } = canvas.getContext('2d')!.getImageData(...place, 1, 1);
          return `#${Array.from(data.slice(0, 3), (value) => value.toString(16).padStart(2, '0')).join('')}`;
        },
        { x, y },
      );
    },
    untilAddress: async (text) =>
      await until(`the address has ${text}`, () => page.url().includes(text), { everyMs: 20 }),
  };
}
