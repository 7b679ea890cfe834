import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { InferError } from '../errors.js';
import type { ModelInput } from '../types.js';

const goldenSchema = z.object({
  frames: z.int().min(1).max(1000),
  tolerance: z.number().positive(),
  scores: z.array(z.array(z.number())),
});

/** Stored frames of a model package, and the scores that the model must give them. */
export interface Golden {
  /** Each uint8 RGB, height × width × 3. */
  readonly frames: readonly Uint8Array[];
  /** Of each frame, one for each label. */
  readonly scores: readonly (readonly number[])[];
  /** How far a score may be off. */
  readonly tolerance: number;
}

/**
 * Reads `golden/` of a model package: `golden.json` and `frames.u8.gz`, raw frames one after the other. Null when the
 * package has none; throws InferError when they do not belong to a model of this input and number of labels.
 */
export async function readGolden(dir: string, input: ModelInput, labels: number): Promise<Golden | null> {
  const file = join(dir, 'golden/golden.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw refuse(file, 'cannot be read', error);
  });
  if (text === null) return null;
  const golden = goldenSchema.safeParse(toJson(text));
  if (!golden.success) throw refuse(file, 'is no list of golden scores', golden.error);
  const { frames: count, tolerance, scores } = golden.data;
  if (scores.length !== count || scores.some((row) => row.length !== labels))
    throw refuse(file, `does not hold ${labels} scores for each of its ${count} frames`);
  return { frames: await readFrames(join(dir, 'golden/frames.u8.gz'), count, input), scores, tolerance };
}

/** Writes `golden/` of a model package. */
export async function writeGolden(dir: string, { frames, tolerance, scores }: Golden): Promise<void> {
  await mkdir(join(dir, 'golden'));
  await writeFile(join(dir, 'golden/frames.u8.gz'), await promisify(gzip)(Buffer.concat(frames)));
  const rows = scores.map((row) => row.map((score) => Number(score.toFixed(7))));
  const golden = { frames: frames.length, tolerance, scores: rows };
  await writeFile(join(dir, 'golden/golden.json'), `${JSON.stringify(golden)}\n`);
}

async function readFrames(file: string, count: number, { width, height }: ModelInput): Promise<Uint8Array[]> {
  const size = width * height * 3;
  const raw = await readFile(file)
    .then((bytes) => promisify(gunzip)(bytes, { maxOutputLength: count * size + 1 }))
    .catch((error: unknown) => {
      throw refuse(file, 'cannot be read', error);
    });
  if (raw.length !== count * size)
    throw refuse(file, `does not hold ${count} frames of ${width}x${height} in RGB`);
  return Array.from({ length: count }, (_, n) => raw.subarray(n * size, (n + 1) * size));
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refuse(file: string, what: string, cause?: unknown): InferError {
  const remedy =
    'get the whole package again, or remove the folder and import the model again: labelcast model import';
  return new InferError(`${file} ${what}`, { remedy, cause });
}
