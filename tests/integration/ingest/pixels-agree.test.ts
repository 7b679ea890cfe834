import '../publish/disposal.js';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FfmpegBuild } from '../../../src/ingest/ffmpeg-build.js';
import type { ModelInput } from '../../../src/types.js';
import { openFolder } from './clips.js';
import { findTestBuilds } from './ffmpeg-builds.js';
import {
  type ClipForm,
  findPictures,
  makePictureClip,
  takePixels,
  toMeanDifference,
  toReferences,
} from './picture-clips.js';
import { openPictureTagger, toQuantile, toScoreDifferences } from './picture-scores.js';

const X264 = '-c:v libx264 -preset ultrafast -crf 18';
const X265 = '-c:v libx265 -preset ultrafast -crf 18 -x265-params log-level=error';
const BT601 = '-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m';
const BT709 = '-colorspace bt709 -color_primaries bt709 -color_trc bt709';
const sd = { matrix: 'bt601', range: 'tv', format: 'yuv420p' } as const;
const hd = { ...sd, matrix: 'bt709' } as const;

/** What states no matrix is BT.601, whatever its size. */
const FORMS: readonly ClipForm[] = [
  { name: 'untagged.mp4', width: 448, height: 336, ...sd, options: X264 },
  { name: 'untagged-hd.mp4', width: 1280, height: 720, ...sd, options: X264 },
  { name: 'sd.mp4', width: 640, height: 480, ...sd, options: `${X264} ${BT601} -color_range tv` },
  {
    name: 'sd-full.mp4',
    width: 640,
    height: 360,
    ...sd,
    range: 'pc',
    options: `${X264} ${BT601} -color_range pc`,
  },
  { name: 'hd.mp4', width: 1280, height: 720, ...hd, options: `${X264} ${BT709} -color_range tv` },
  {
    name: 'hd-full.mp4',
    width: 1920,
    height: 1080,
    ...hd,
    range: 'pc',
    options: `${X264} ${BT709} -color_range pc`,
  },
  { name: 'portrait.mp4', width: 720, height: 1280, ...hd, options: `${X264} ${BT709} -color_range tv` },
  {
    name: 'turned.mp4',
    width: 854,
    height: 480,
    ...hd,
    range: 'pc',
    turn: 90,
    options: `${X264} ${BT709} -color_range pc`,
  },
  { name: 'odd.mkv', width: 427, height: 333, ...sd, options: '-c:v ffv1' },
  {
    name: 'ten-bit.mp4',
    width: 1280,
    height: 720,
    ...hd,
    format: 'yuv420p10le',
    options: `${X265} ${BT709} -color_range tv`,
  },
];
const PICTURES_EACH = 5;
const MAX_MEAN_DIFFERENCE = 3;
const MAX_SCORE_DIFFERENCE = 0.05;

const builds = await findTestBuilds();
const folder = await openFolder();
const tagger = await openPictureTagger();
const letterbox: ModelInput = { ...tagger.input, resize: 'letterbox', align: 'top-left', pad: 114 };
let references: readonly Uint8Array[] = [];
let letterboxed: readonly Uint8Array[] = [];
let referenceScores: number[] = [];

beforeAll(async () => {
  const pictures = await findPictures(folder.path, FORMS.length * PICTURES_EACH);
  for (const form of FORMS) await makePictureClip(folder.path, form, pictures.splice(0, PICTURES_EACH));
  references = toReferences(folder.path, FORMS, tagger.input);
  letterboxed = toReferences(folder.path, FORMS, letterbox);
  referenceScores = await tagger.score(references);
});
afterAll(async () => {
  await tagger[Symbol.asyncDispose]();
  await folder.close();
});

interface Taken {
  readonly frames: readonly Uint8Array[];
  /** From the references, of each frame; by form. */
  readonly differences: Readonly<Record<string, readonly number[]>>;
}

async function takeAllForms(
  build: FfmpegBuild,
  input: ModelInput,
  expected: readonly Uint8Array[],
): Promise<Taken> {
  const differences: Record<string, number[]> = {};
  const frames: Uint8Array[] = [];
  for (const form of FORMS) {
    const taken = await takePixels(join(folder.path, form.name), build, input);
    expect([form.name, taken.length]).toEqual([form.name, PICTURES_EACH]);
    differences[form.name] = taken.map((frame, n) => toMeanDifference(frame, expected[frames.length + n]!));
    frames.push(...taken);
  }
  return { frames, differences };
}

function toTooFar(differences: Taken['differences']): unknown[] {
  return Object.entries(differences).filter(([, each]) => Math.max(...each) > MAX_MEAN_DIFFERENCE);
}

test.each(Object.entries(builds))(
  '50 pictures as clips come out of the %s ffmpeg as out of Pillow',
  async (name, build) => {
    const { frames, differences } = await takeAllForms(build, tagger.input, references);
    const scoreDifferences = toScoreDifferences(await tagger.score(frames), referenceScores);
    const all = Object.values(differences).flat();
    const figures = {
      name,
      mean: all.reduce((sum, value) => sum + value, 0) / all.length,
      worst: Math.max(...all),
      p99: toQuantile(scoreDifferences, 0.99),
      worstScore: scoreDifferences.at(-1),
    };
    if (process.env['LABELCAST_FIGURES']) process.stdout.write(`${JSON.stringify(figures)}\n`);
    expect({ figures, tooFar: toTooFar(differences), isNear: figures.p99 <= MAX_SCORE_DIFFERENCE }).toEqual({
      figures,
      tooFar: [],
      isNear: true,
    });
  },
);

test.each(Object.entries(builds))('and letterboxed, out of the %s ffmpeg', async (_, build) => {
  const { differences } = await takeAllForms(build, letterbox, letterboxed);
  expect(toTooFar(differences)).toEqual([]);
});
