import { type Explanation, toSettingsText } from '../explanation.js';
import { HATCH } from './hatch.js';
import { drawLabel, WIDTH } from './label-picture.js';
import { toElement, toMarkupText } from './markup.js';
import { MOST_DOTS } from './plot.js';
import { COLOR_COUNT, toPictureStyle } from './style.js';

const MARGIN = 14;
const HEAD_PX = 50;
const KEY_PX = 22;
const APART_PX = 30;

/** The picture of an explanation: an SVG document that needs nothing else. */
export function toSvg(explanation: Explanation): string {
  const { clip, labels } = explanation;
  let height = HEAD_PX + KEY_PX;
  const drawings = labels.map((label, n) => {
    const drawing = drawLabel(label);
    const style = `--color: var(--label-${n % COLOR_COUNT})`;
    const place = { class: 'of-label', style, transform: `translate(0 ${height})` };
    height += drawing.height + APART_PX;
    return toElement('g', place, `\n${drawing.markup}\n`);
  });
  const names = labels.map(({ trace }) => trace.label).join(', ');
  const body = [
    toElement('title', {}, toMarkupText(`${names} in ${clip}`)),
    toElement(
      'desc',
      {},
      toMarkupText(labels.map(({ trace, summary }) => `${trace.label}: ${summary}`).join('; ')),
    ),
    toElement('style', {}, `\n${toPictureStyle()}\n`),
    toElement('defs', {}, HATCH),
    toElement('text', { class: 'clip', x: 0, y: 15 }, toMarkupText(clip)),
    toElement('text', { class: 'quiet', x: 0, y: 34 }, toMarkupText(toSettingsText(explanation))),
    drawKey(explanation, HEAD_PX),
    ...drawings,
  ];
  const size = { width: WIDTH + 2 * MARGIN, height: height - APART_PX + 2 * MARGIN };
  return `${toElement(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'explain',
      role: 'img',
      ...size,
      viewBox: `${-MARGIN} ${-MARGIN} ${size.width} ${size.height}`,
    },
    `\n${toElement('rect', { class: 'surface', x: -MARGIN, y: -MARGIN, ...size })}\n${body.join('\n')}\n`,
  )}\n`;
}

/** What the signs of the picture mean; those of blindness only when it is there. */
function drawKey({ labels }: Explanation, top: number): string {
  const y = top + 8;
  const isDotted = labels.some(({ trace }) => trace.points.length <= MOST_DOTS);
  const isBlind = labels.some(({ trace }) => trace.blind.length > 0);
  const swatch = (name: string, x: number) =>
    toElement('rect', { class: name, x, y: y - 5, width: 18, height: 10 });
  const entries = [
    {
      text: 'score of a frame',
      draw: (x: number) =>
        isDotted
          ? toElement('path', { class: 'dots', d: `M${x + 9},${y}h0` })
          : toElement('path', { class: 'scores', d: `M${x},${y}h18` }),
    },
    {
      text: 'moving average',
      draw: (x: number) => toElement('path', { class: 'average', d: `M${x},${y}h18` }),
    },
    { text: 'segment as published', draw: (x: number) => swatch('segment-time', x) },
    ...(isBlind ? [{ text: 'nothing could be seen', draw: (x: number) => swatch('blind', x) }] : []),
  ];
  let x = 0;
  return toElement(
    'g',
    { style: '--color: var(--label-0)' },
    entries
      .map(({ text, draw }) => {
        const drawn = draw(x) + toElement('text', { class: 'quiet small', x: x + 24, y: y + 4 }, text);
        x += 24 + text.length * 6 + 20;
        return drawn;
      })
      .join(''),
  );
}
