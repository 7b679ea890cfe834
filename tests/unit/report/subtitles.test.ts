import { expect, test } from '@jest/globals';
import * as mediaCaptions from 'media-captions';
import { toSrt } from '../../../src/report/formats/srt.js';
import { toVtt } from '../../../src/report/formats/vtt.js';
import { HOSTILE_LABELS, labelOf, sourceOf } from './samples.js';

/** Its own types name files without their endings, which TypeScript does not follow. */
interface CaptionParser {
  parseText(
    text: string,
    options: { type: 'vtt' | 'srt'; errors: true },
  ): Promise<{ cues: { startTime: number; endTime: number; text: string }[]; errors: Error[] }>;
}

const parser = mediaCaptions as unknown as CaptionParser;

/** What a parser of somebody else's reads: [start, end, text] of each cue, in seconds. */
async function parse(text: string, type: 'vtt' | 'srt'): Promise<[number, number, string][]> {
  const { cues, errors } = await parser.parseText(text, { type, errors: true });
  expect(errors).toEqual([]);
  return cues.map(({ startTime, endTime, text: shown }) => [startTime, endTime, shown]);
}

function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

const overlapping = sourceOf(labelOf('dog', [1000, 5000], [8000, 9000]), labelOf('cat', [3000, 8000]));

test('WebVTT has a cue for each segment, by start, with hours that grow', async () => {
  const long = sourceOf(labelOf('dog', [359_999_001, 360_000_002]), labelOf('cat', [0, 1]));
  expect(toVtt(long, 'labelcast 0.1.0')).toBe(
    'WEBVTT\n\nNOTE /videos/clip.mp4, labelcast 0.1.0\n\n' +
      '1\n00:00:00.000 --> 00:00:00.001\ncat\n\n2\n99:59:59.001 --> 100:00:00.002\ndog\n',
  );
  expect(await parse(toVtt(overlapping, ''), 'vtt')).toEqual([
    [1, 5, 'dog'],
    [3, 8, 'cat'],
    [8, 9, 'dog'],
  ]);
});

test('SubRip never shows two subtitles at once: each has all labels that hold', async () => {
  expect(toSrt(overlapping)).toMatch(/^1\n00:00:01,000 --> 00:00:03,000\ndog\n\n2\n00:00:03,000 --> /);
  expect(await parse(toSrt(overlapping), 'srt')).toEqual([
    [1, 3, 'dog'],
    [3, 5, 'cat\ndog'],
    [5, 8, 'cat'],
    [8, 9, 'dog'],
  ]);
});

test('a clip without labels is a file without cues', async () => {
  expect(await parse(toVtt(sourceOf(), 'labelcast'), 'vtt')).toEqual([]);
  expect(toSrt(sourceOf())).toBe('');
});

test('no name of a label or a file can begin, end or break a cue', async () => {
  const labels = HOSTILE_LABELS.map((label, n) => labelOf(label, [n * 1000, n * 1000 + 500]));
  const source = { ...sourceOf(...labels), name: '/videos/a\n\n00:01.000 --> 00:02.000\nb.mp4' };
  const cues = await parse(toVtt(source, 'labelcast'), 'vtt');
  const onOneLine = HOSTILE_LABELS.map((label) => label.replaceAll(/[\r\n\u2028]+/g, ' ').trim() || '\uFFFD');
  expect(cues.map(([start]) => start)).toEqual(HOSTILE_LABELS.map((_, n) => n));
  expect(cues.map(([, , text]) => unescape(text))).toEqual(onOneLine);
  const subtitles = await parse(toSrt(source), 'srt');
  expect(subtitles.map(([start]) => start)).toEqual(HOSTILE_LABELS.map((_, n) => n));
  const asText = (text: string) =>
    text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('{', '(').replaceAll('}', ')');
  expect(subtitles.map(([, , text]) => text)).toEqual(onOneLine.map(asText));
});

test('200 labels at once are 200 cues and one subtitle', async () => {
  const labels = Array.from({ length: 200 }, (_, n) => labelOf(`label ${n}`, [0, 60_000]));
  expect(await parse(toVtt(sourceOf(...labels), ''), 'vtt')).toHaveLength(200);
  const [subtitle, ...others] = await parse(toSrt(sourceOf(...labels)), 'srt');
  expect([subtitle![2].split('\n').length, others]).toEqual([200, []]);
});
