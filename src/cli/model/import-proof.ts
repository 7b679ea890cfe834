import { InferError } from '../../errors.js';
import { type Golden, readGolden } from '../../infer/golden.js';
import type { Manifest } from '../../infer/manifest.js';
import { type Model, readModel } from '../../infer/model.js';
import { score } from '../../infer/model-proof.js';
import type { ModelInput, Scores } from '../../types.js';
import { SHIPPED_MODEL } from '../package-files.js';
import type { Guess, ImportFlags } from './import-flags.js';
import { openJudged } from './open-judged.js';

const TOLERANCE = 1e-4;
/** Of the sum of a softmax. */
const SUM_TOLERANCE = 1e-3;

/** What running a foreign model on pictures tells. */
export interface ImportProof {
  /** With the activation that it needs. */
  readonly manifest: Manifest;
  readonly golden: Golden;
  readonly guesses: readonly Guess[];
}

/**
 * Scores the pictures of the shipped model, at the size of this one. Throws InferError when it cannot be run or gives no numbers,
 * and when `signal` aborts.
 */
export async function proveImport(
  model: Model,
  { activation, device }: ImportFlags,
  signal: AbortSignal,
): Promise<ImportProof> {
  const prelude = model.manifest.prelude!;
  const frames = await readPictures(model.input);
  const run = { frames, device };
  const found = await scoreAll(model, run, signal).catch((error: unknown) => {
    throw isOfNoNumber(error) ? toNoNumber(error) : error;
  });
  const [low, high] = [Math.min(...found.map(lowest)), Math.max(...found.map(highest))];
  const isLogits = activation === 'auto' && (low < 0 || high > 1);
  const manifest: Manifest = isLogits
    ? { ...model.manifest, prelude: { ...prelude, activation: 'sigmoid' } }
    : model.manifest;
  const scores = isLogits ? await scoreAll({ ...model, manifest }, run, signal) : found;
  const range = `scores of ${frames.length} pictures are ${low.toFixed(2)} to ${high.toFixed(2)}`;
  const guesses: (Guess | false)[] = [
    activation === 'auto' && ['activation', isLogits ? `sigmoid, as ${range}` : `none, as ${range}`],
    manifest.prelude?.activation === 'none' && isSoftmax(scores) && ['softmax', SOFTMAX],
    activation === 'sigmoid' && isTwice(scores) && ['activation', TWICE],
  ];
  return {
    manifest,
    golden: { frames, scores: scores.map((row) => [...row]), tolerance: TOLERANCE },
    guesses: guesses.filter((guess) => guess !== false),
  };
}

const SOFTMAX =
  'labels exclude each other, as the scores of every picture sum to 1: at most one rises above a half; for labels that hold together export the model without its softmax, and import it with --activation sigmoid';

const TWICE =
  'sigmoid of what seem to be probabilities already, as every score is at least a half and so every label would hold; leave --activation out, or export the model without its last softmax or sigmoid';

function isOfNoNumber(error: unknown): error is InferError {
  return error instanceof InferError && error.frameFailure === 'not-numbers';
}

function toNoNumber(cause: InferError): InferError {
  return new InferError('the model gives pictures scores that are not numbers (NaN or infinite)', {
    remedy:
      'compare --normalise, or --mean and --std, with how it was trained; when they are right, export it again, in float32 and for inference (eval)',
    frameFailure: 'not-numbers',
    cause,
  });
}

/** The sigmoid of probabilities lies between those of 0 and 1. */
function isTwice(scores: readonly Scores[]): boolean {
  const [least, most] = [0.5 - TOLERANCE, 1 / (1 + Math.exp(-1)) + TOLERANCE];
  return scores.every((row) => row.length >= 3 && row.every((score) => score >= least && score <= most));
}

/** Two labels that exclude each other may well be meant. */
function isSoftmax(scores: readonly Scores[]): boolean {
  return scores.every(
    (row) => row.length >= 3 && Math.abs(row.reduce((sum, score) => sum + score, 0) - 1) <= SUM_TOLERANCE,
  );
}

async function scoreAll(
  model: Model,
  { frames, device }: { readonly frames: readonly Uint8Array[]; readonly device: ImportFlags['device'] },
  signal: AbortSignal,
): Promise<Scores[]> {
  await using tagger = await openJudged({ model, device, batchSizes: [1] }, signal);
  const scores: Scores[] = [];
  for (const frame of frames) scores.push(...(await score(tagger, [frame])));
  return scores;
}

/** The golden frames of the shipped model, each pixel the nearest one. */
async function readPictures({ width, height }: ModelInput): Promise<Uint8Array[]> {
  const { input, info } = await readModel(SHIPPED_MODEL);
  const golden = await readGolden(SHIPPED_MODEL, input, info.labels.length);
  return golden!.frames.map((frame) => {
    const resized = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      const row = Math.floor((y * input.height) / height) * input.width;
      for (let x = 0; x < width; x++) {
        const from = (row + Math.floor((x * input.width) / width)) * 3;
        resized.set(frame.subarray(from, from + 3), (y * width + x) * 3);
      }
    }
    return resized;
  });
}

function lowest(scores: Scores): number {
  return Math.min(...scores);
}

function highest(scores: Scores): number {
  return Math.max(...scores);
}
