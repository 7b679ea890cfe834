import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { LiveLog, type PictureNote } from '../../../src/ingest/live-log.js';

function hear(lines: readonly string[]): PictureNote[] {
  const notes: PictureNote[] = [];
  const log = new LiveLog(
    () => {},
    (note) => notes.push(note),
  );
  for (const line of lines) log.hear(line);
  log.close();
  return notes;
}

/** Without repeats. */
const curves = (lines: readonly string[]): (boolean | null)[] => [
  ...new Set(hear(lines).map((note) => note.isHdr)),
];

const fixture = (name: string): string[] =>
  readFileSync(`tests/fixtures/ingest/${name}.txt`, 'utf8').split('\n');

const builds = ['bundled', 'debian', 'current'];

test.each(builds)('the curve of a picture is known though the header names none, in words of %s', (build) => {
  const lines = fixture(`live-none-${build}`);
  expect(lines.join('\n')).toContain('Video: hevc (HEVC / 0x43564548), none');
  expect(hear(lines).map(({ ptsMs, isHdr }) => [ptsMs, isHdr])).toEqual([
    [13_800, true],
    [14_000, true],
    [14_200, true],
  ]);
});

test.each(builds)('PQ is HDR and an untold curve is not, in words of %s', (build) => {
  expect(curves(fixture(`header-hdr-${build}`))).toEqual([true]);
  expect(curves(fixture(`header-phone-${build}`))).toEqual([false]);
});

test('what the header says of a track that is not decoded tells nothing of the pictures', () => {
  const lines = fixture('header-phone-debian');
  const at = lines.findIndex((line) => line.includes('Stream mapping:'));
  const other =
    '[info]   Stream #0:1: Video: hevc (Main 10), yuv420p10le(tv, bt2020nc/bt2020/smpte2084), 64x48';
  expect(curves([...lines.slice(0, at), other, ...lines.slice(at)])).toEqual([false]);
});

test('a picture of which no colours are told has a note all the same', () => {
  const lines = fixture('header-hdr-debian').filter((line) => !line.includes('color_trc'));
  expect(curves(lines)).toEqual([null]);
});
