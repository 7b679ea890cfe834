import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Photo } from '../../../bench/truth/photos.js';
import { type ClipPlan, planClips } from '../../../bench/truth/plan.js';
import { renderClip } from '../../../bench/truth/render.js';
import { effectsOf, keptFrames } from '../../../bench/truth/timing.js';
import { readTrace, subsample, type Trace } from '../../../bench/truth/trace.js';
import { makeTrace, scoreClip } from '../../../bench/truth/traces.js';
import type { Truth } from '../../../bench/truth/truth.js';
import { readModel } from '../../../src/infer/model.js';
import { openTagger } from '../../../src/infer/tagger-host.js';
import { findFfmpeg } from '../../../src/ingest/ffmpeg-build.js';
import { makeClip, openFolder, smallInput, takeAll } from '../ingest/clips.js';
import { TinyPackage } from '../infer/tiny-package.js';

/** Of the made-up pictures, each of one colour, which is its label. */
const COLOURS: Record<string, readonly number[]> = {
  red: [160, 40, 40],
  green: [40, 160, 40],
  blue: [40, 40, 160],
  yellow: [160, 160, 40],
  magenta: [160, 40, 160],
};
const LABELS = Object.keys(COLOURS);
/** Its clip has every kind of effect and of entry, and damaged frames. */
const SEED = 919;
const SECONDS = 50;
const EVERY_FRAME = 30;

const build = await findFfmpeg(null, process.env);
const folder = await openFolder();
const plan = makePlan(SECONDS);
let truth: Truth;

function makePlan(seconds: number): ClipPlan {
  const photos = LABELS.map((label): Photo => {
    return { file: `${label}.png`, set: 'dev', positives: [label], unknown: [], wrong: false };
  });
  return planClips(photos, { seed: SEED, set: 'dev', clips: 1, seconds })[0]!;
}

beforeAll(async () => {
  for (const [label, rgb] of Object.entries(COLOURS)) {
    const colour = Buffer.from(rgb).toString('hex');
    await makeClip(folder.path, `-f lavfi -i color=c=0x${colour}:s=448x300 -frames:v 1 ${label}.png`);
  }
  await renderClip(plan, { build, data: folder.path, out: folder.path, labels: LABELS });
  const [labels, shots] = ['truth', 'shots'].map(
    (part) => JSON.parse(readFileSync(join(folder.path, `dev-01.${part}.json`), 'utf8')) as Truth,
  );
  truth = { ...labels!, ...shots! };
});
const tiny = new TinyPackage('tiny');
const cleaning: (() => unknown)[] = [() => folder.close(), () => tiny.remove()];
afterAll(async () => {
  for (const clean of cleaning.reverse()) await clean();
});

/** The label whose colour is nearest in hue to the picture's middle. */
function seeLabel(bytes: Uint8Array): string {
  const middle = (channel: number): number => {
    const values = Array.from({ length: bytes.length / 3 }, (_, n) => bytes[3 * n + channel]!);
    return values.sort((a, b) => a - b)[values.length >> 1]!;
  };
  const seen = toHue([0, 1, 2].map(middle));
  const distance = (label: string): number =>
    Math.hypot(...toHue(COLOURS[label]!).map((value, n) => value - seen[n]!));
  return LABELS.toSorted((a, b) => distance(a) - distance(b))[0]!;
}

function toHue(rgb: readonly number[]): number[] {
  const low = Math.min(...rgb);
  const range = Math.max(...rgb) - low;
  return rgb.map((value) => (value - low) / (range || 1));
}

function isIn(spans: Truth['segments'], label: string, ms: number): boolean {
  return spans.some((span) => span.label === label && span.startMs <= ms && ms < span.endMs);
}

test('every frame that is not optional shows what the truth says, and only frames that were to be left out are missing', async () => {
  const seen: string[] = [];
  const { times, end } = await takeAll(join(folder.path, 'dev-01.mp4'), build, {
    fps: EVERY_FRAME,
    input: { ...smallInput, width: 64, height: 36 },
    onPixels: (bytes) => seen.push(seeLabel(bytes)),
  });
  const wrong = times.flatMap((ms, n) => {
    const holds = LABELS.filter((label) => isIn(truth.segments, label, ms));
    const isAsked = holds.some((label) => !isIn(truth.optional, label, ms));
    return isAsked && holds.join() !== seen[n] ? [`${ms} ${holds.join()} ${seen[n]}`] : [];
  });
  expect(wrong).toEqual([]);
  const [damage] = effectsOf(plan, 'damaged');
  const isDamaged = (ms: number): boolean =>
    damage!.startFrame * 40 - 160 <= ms &&
    ms < truth.keyFramesMs.find((key) => key >= damage!.endFrame * 40)!;
  const kept = keptFrames(plan).map((frame) => frame * 40);
  expect(times.filter((ms) => !isDamaged(ms))).toEqual(kept.filter((ms) => !isDamaged(ms)));
  expect(times.filter((ms) => isDamaged(ms)).length).toBeLessThan(kept.filter((ms) => isDamaged(ms)).length);
  expect(end).toEqual({ durationMs: truth.durationMs, cause: null });
});

test('key frames lie where the truth says', async () => {
  const args = '-skip_frame nokey -i dev-01.mp4 -vf showinfo -f null -'.split(' ');
  const flags = [...build.neverGiveUp, ...args]; // half of the errors it meets would be too many
  const { stderr } = await promisify(execFile)(build.path, flags, { cwd: folder.path });
  const times = [...stderr.matchAll(/pts_time:([\d.]+)/g)].map(([, seconds]) =>
    Math.round(Number(seconds) * 1000),
  );
  const [damage] = effectsOf(plan, 'damaged');
  const isWhole = (ms: number): boolean => ms < damage!.startFrame * 40 || ms >= damage!.endFrame * 40;
  expect(times.filter(isWhole)).toEqual(truth.keyFramesMs.filter(isWhole));
});

test('a plan gives the same bytes again', async () => {
  const short = makePlan(8);
  const files: Buffer[] = [];
  for (const _ of [1, 2]) {
    const again = await openFolder();
    await renderClip(short, { build, data: folder.path, out: again.path, labels: LABELS });
    files.push(readFileSync(join(again.path, 'dev-01.mp4')));
    await again.close();
  }
  expect(files[1]).toEqual(files[0]);
});

test('a trace holds the scores of every frame, is made once, and gives what fewer frames a second would have given', async () => {
  const model = await readModel(tiny.dir);
  const scorer = { build, model, tagger: await openTagger({ model, isForFilesOnly: true }) };
  cleaning.push(() => scorer.tagger[Symbol.asyncDispose]());
  const job = { folder: folder.path, name: 'dev-01' };
  expect(await makeTrace({ ...job, fps: null }, scorer)).toBe(true);
  const trace = readTrace(folder.path, 'dev-01');
  expect(trace).toMatchObject({ labels: model.info.labels, fps: null, keyFramesMs: truth.keyFramesMs });
  for (const fps of [1, 2, 5, 10, 25]) {
    const { frames } = await scoreClip(join(folder.path, 'dev-01.mp4'), fps, scorer);
    expect(toComparable(subsample(trace, fps).frames)).toEqual(toComparable(frames));
  }
  for (const fps of [10, null]) expect(await makeTrace({ ...job, fps }, scorer)).toBe(false);
});

function toComparable(frames: Trace['frames']): unknown[] {
  return frames.map(({ ptsMs, scores }) => ({ ptsMs, scores: [...scores] }));
}
