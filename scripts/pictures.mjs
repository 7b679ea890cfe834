// `npm run docs:pictures`: makes the pictures of the report and of the terminal in docs/images anew, of the demo clip.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, ensureChromium, ensureSystemPackages, fail, run } from './setup.mjs';

ensureSystemPackages({ ffmpeg: ['ffmpeg', '-version'] });
ensureChromium();
build();
const { openChromium } = await import('../dist/tests/services/chromium.js');
const { default: xterm } = await import('@xterm/headless');

const COLUMNS = 96;
const main = resolve('dist/src/cli/main.js');
const pty = resolve('tests/services/pty_run.py');
const images = resolve('docs/images');
const demo = resolve('demo/demo.mp4');
const folder = mkdtempSync(join(tmpdir(), 'labelcast-pictures-'));
const chromium = await openChromium();
try {
  makeClips();
  run(process.execPath, [main, 'tag', 'clips', '-o', 'clips', '--json'], { cwd: folder, stdio: 'ignore' });
  run(process.execPath, [main, 'tag', 'clips/demo.mp4', '-o', 'demo', '--json'], {
    cwd: folder,
    stdio: 'ignore',
  });
  await takeReports();
  await takeTerminal();
} finally {
  await chromium[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
}

function makeClips() {
  for (const name of ['clips', 'archive']) mkdirSync(join(folder, name));
  copyFileSync(demo, join(folder, 'clips/demo.mp4'));
  copyFileSync(demo, join(folder, 'archive/garden.mp4'));
  for (const [name, from, seconds] of [
    ['coffee', 2, 7],
    ['launch', 8.6, 2.2],
    ['visitors', 10, 8.5],
  ])
    cut(['-ss', from, '-i', demo, '-t', seconds, '-c:v', 'libx264', `clips/${name}.mp4`]);
  cut(['-stream_loop', 1, '-i', demo, '-c', 'copy', 'archive/holiday in the north.mp4']);
}

function cut(args) {
  run('ffmpeg', ['-v', 'error', ...args.map(String)], { cwd: folder });
}

/** The report of the demo clip, light and dark, on a phone and on paper, and the overview of four clips. */
async function takeReports() {
  for (const theme of ['light', 'dark']) {
    const page = await open('demo', { viewport: { width: 1280, height: 1060 }, colorScheme: theme });
    const tie = await placeOf(page, 'tie', 14.5);
    await page.mouse.click(tie.x, tie.y);
    const person = await placeOf(page, 'person', 6.7);
    await page.mouse.move(person.x, person.y);
    await keep(page, `report-${theme}`);
  }
  const phone = {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  };
  const small = await open('demo', { ...phone, colorScheme: 'dark' });
  await small.locator('.lane-names').getByText('cup').tap();
  await small
    .getByPlaceholder('cat, dog')
    .evaluate((field) => window.scrollTo(0, field.getBoundingClientRect().top + scrollY - 60));
  await keep(small, 'report-phone');
  await keep(await open('clips', { viewport: { width: 1280, height: 868 } }), 'report-overview');
  const paper = await open('demo', { viewport: { width: 911, height: 400 } });
  await paper.emulateMedia({ media: 'print' });
  await paper.evaluate(() => (document.body.style.padding = '60px')); // the margins of a printer
  await keep(paper, 'report-paper', { fullPage: true });
}

async function open(report, options) {
  const { page } = await chromium.openPage(options);
  await page.goto(pathToFileURL(join(folder, report, 'report.html')).href);
  await page.waitForSelector('h1');
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].every((video) => video.readyState > 3),
  );
  await page.evaluate((place) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace(place, '');
  }, folder);
  return page;
}

/** Where a time of a label's lane is on the screen, all of the clip in view. */
async function placeOf(page, label, seconds) {
  const names = await page.locator('.lane-names li bdi').allTextContents();
  const box = await page.locator('.stage').boundingBox();
  const [row, head, inset] = await page
    .locator('.timeline')
    .evaluate(({ style }) =>
      ['--row', '--head', '--inset'].map((name) => Number.parseFloat(style.getPropertyValue(name))),
    );
  const share = seconds / (await page.locator('video').evaluate((video) => video.duration));
  return {
    x: box.x + inset + share * (box.width - 2 * inset),
    y: box.y + head + (names.indexOf(label) + 0.5) * row,
  };
}

/** Two commands on a terminal: one half-way, one at its end. */
async function takeTerminal() {
  const halfway = await onTerminal(
    'labelcast tag archive/ -o tagged',
    (lines) => lines.length === 3 && / [45]\d%/.test(lines[0]),
  );
  const end = await onTerminal('labelcast tag archive/garden.mp4');
  const text = [
    '$ labelcast tag archive/ -o tagged',
    ...halfway,
    '',
    '$ labelcast tag archive/garden.mp4',
    ...end,
  ].join('\n');
  for (const [theme, ground, ink, green] of [
    ['light', '#ffffff', '#1f2328', '#1a7f37'],
    ['dark', '#0d1117', '#e6edf3', '#3fb950'],
  ]) {
    const { page } = await chromium.openPage({ viewport: { width: 760, height: 200 }, deviceScaleFactor: 2 });
    const style = `body{margin:0;background:${ground};color:${ink}}.green{color:${green}}.dim{opacity:.65}.bold{font-weight:700}
      pre{display:inline-block;margin:0;padding:18px;font:12px/16px "DejaVu Sans Mono",monospace}`;
    await page.setContent(`<style>${style}</style><pre>${text}</pre>`);
    await keep(page.locator('pre'), `terminal-${theme}`);
  }
}

/** The lines, as HTML, that a command leaves on its terminal, or, if given, those at the first moment that `isEnough`. */
async function onTerminal(command, isEnough = null) {
  const script = `labelcast() { '${process.execPath}' '${main}' "$@"; }; ${command}`;
  const child = spawn('python3', [pty, String(COLUMNS), '40', 'bash', '-c', script], {
    cwd: folder,
    env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const closed = once(child, 'close');
  const screen = new xterm.Terminal({ cols: COLUMNS, rows: 40, allowProposedApi: true });
  let enough = null;
  for await (const piece of child.stdout.setEncoding('utf8')) {
    for (const part of piece.split(/(?=\p{Cc}\[2K)/u)) {
      await new Promise((done) => screen.write(part, done));
      if (enough === null && isEnough?.(toLines(screen, (text) => text))) enough = toLines(screen, toHtml);
    }
  }
  await closed;
  if (isEnough !== null && enough === null) fail(`${command} never showed what its picture is of`);
  return enough ?? toLines(screen, toHtml);
}

/** Each line of a screen, of its runs of characters that look alike. */
function toLines(screen, paint) {
  const { active } = screen.buffer;
  const lines = Array.from({ length: active.length }, (_, n) => {
    const runs = toRuns(active.getLine(n));
    return runs.map(({ text, look }) => paint(text, look)).join('');
  });
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}

function toRuns(line) {
  const runs = [];
  for (let n = 0; n < line.translateToString(true).length; n++) {
    const cell = line.getCell(n);
    const look = cell.isBold() ? 'bold' : cell.isDim() ? 'dim' : cell.isFgDefault() ? '' : 'green';
    const text = cell.getChars() || ' ';
    if (runs.at(-1)?.look === look) runs.at(-1).text += text;
    else runs.push({ look, text });
  }
  return runs;
}

function toHtml(text, look) {
  return `<span class="${look}">${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</span>`;
}

/** Writes what a page or a part of it shows into docs/images. */
async function keep(shown, name, options = {}) {
  const png = join(folder, `${name}.png`);
  writeFileSync(png, await shown.screenshot({ animations: 'disabled', ...options }));
  const webp = join(images, `${name}.webp`);
  run('ffmpeg', ['-v', 'error', '-y', '-i', png, '-c:v', 'libwebp', '-quality', '80', webp]);
  process.stdout.write(`docs/images/${name}.webp\n`);
}
