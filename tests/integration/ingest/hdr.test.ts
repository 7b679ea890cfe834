import '../publish/disposal.js';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FfmpegBuild } from '../../../src/ingest/ffmpeg-build.js';
import { readHeader } from '../../../src/ingest/source-header.js';
import { openFolder, toSource } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import { type HdrForm, findPictures, makeHdrClips, takePixels, toMeanDifference } from './picture-clips.js';
import { openPictureTagger, toScoreDifferences } from './picture-scores.js';

const BT2020 = 'colorprim=bt2020:colormatrix=bt2020nc';
/** The highlights of two are five times as bright as white; one of these says of its colours only what its curve is. */
const FORMS: readonly HdrForm[] = [
  { name: 'pq.mp4', curve: 'pq', peak: 203, tags: `${BT2020}:transfer=smpte2084` },
  { name: 'pq-vague.mp4', curve: 'pq', peak: 1000, tags: 'transfer=smpte2084' },
  { name: 'hlg.mkv', curve: 'hlg', peak: 1000, tags: `${BT2020}:transfer=arib-std-b67` },
];
const PICTURES = 4;

const builds = await findTestBuilds();
const folder = await openFolder();
const tagger = await openPictureTagger();
let originals: readonly Uint8Array[] = [];
let originalScores: number[] = [];
const plain = new Map<string, Distance>();

beforeAll(async () => {
  const pictures = await findPictures(folder.path, PICTURES);
  originals = await makeHdrClips(folder.path, FORMS, pictures, tagger.input);
  originalScores = await tagger.score(originals);
  for (const { name } of FORMS)
    plain.set(name, await toDistance(name, { ...builds.debian, canToneMap: false }));
});
afterAll(async () => {
  await tagger[Symbol.asyncDispose]();
  await folder.close();
});

const toMean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** How far a clip is from the originals: of 255, and in scores. */
interface Distance {
  readonly pixels: number;
  readonly scores: number;
}

async function toDistance(name: string, build: FfmpegBuild): Promise<Distance> {
  const frames = await takePixels(join(folder.path, name), build, tagger.input);
  expect([name, frames.length]).toEqual([name, PICTURES]);
  return {
    pixels: toMean(frames.map((frame, n) => toMeanDifference(frame, originals[n]!))),
    scores: toMean(toScoreDifferences(await tagger.score(frames), originalScores)),
  };
}

test.each(Object.entries(builds))(
  'tones mapped by the %s ffmpeg come near the SDR originals',
  async (_name, build) => {
    expect(build.canToneMap).toBe(true);
    const distances = [];
    for (const { name } of FORMS)
      distances.push({ name, mapped: await toDistance(name, build), plain: plain.get(name)! });
    if (process.env['LABELCAST_FIGURES']) process.stdout.write(`${_name}: ${JSON.stringify(distances)}\n`);
    const tooFar = distances.filter((each) => each.mapped.pixels > each.plain.pixels / 2);
    // Of all together: HLG is made to look right, nearly, where it is not known.
    const mappedScores = toMean(distances.map((each) => each.mapped.scores));
    const plainScores = toMean(distances.map((each) => each.plain.scores));
    const areScoresNearer = mappedScores < plainScores;
    expect({ distances, tooFar, areScoresNearer }).toEqual({ distances, tooFar: [], areScoresNearer: true });
  },
);

test.each(Object.entries(builds))(
  'HDR is warned of where the %s ffmpeg could not map it, with the remedy',
  async (_name, build) => {
    const source = await toSource(join(folder.path, 'hlg.mkv'));
    const { signal } = new AbortController();
    expect((await readHeader(source, build, signal)).warning).toBeNull();
    const { warning } = await readHeader(source, { ...build, canToneMap: false }, signal);
    expect(warning).toMatch(/hlg\.mkv is HDR .*; use an ffmpeg with the filters zscale and tonemap/);
  },
);
