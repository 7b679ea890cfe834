import { toHint } from '../../config/did-you-mean.js';
import { ConfigError } from '../../errors.js';
import { fitClock } from '../../eval/fit-truth.js';
import type { FoundClip } from '../../eval/found-events.js';
import { toJudgedClip } from '../../eval/judged-clip.js';
import { readFound } from '../../eval/read-found.js';
import type { ReadTruth } from '../../eval/read-truth.js';
import { readTruthOf } from './clip-truth.js';
import type { ComparedClip } from './evaluation.js';

/** Frames a second of segments whose file does not say. */
const USUAL_FPS = 5;

/** A file of segments beside its truth. */
export interface FoundFile {
  readonly file: string;
  readonly found: FoundClip;
  readonly truth: ReadTruth;
  /** The labels that one of the two names, in order. */
  readonly names: readonly string[];
}

/** Reads files of segments and their truths. Throws ConfigError. */
export async function readFoundFiles(
  files: readonly string[],
  named: string | undefined,
): Promise<FoundFile[]> {
  const read: FoundFile[] = [];
  for (const file of files) {
    const found = await readFound(file);
    const truth = await readTruthOf(file, named);
    const { durationMs } = found;
    if (durationMs !== null) fitClock(truth, { name: file, durationMs, intervalMs: 1000 / USUAL_FPS });
    const labels = [...found.segments, ...truth.segments].map(({ label }) => label);
    read.push({ file, found, truth, names: [...new Set([...(truth.labels ?? []), ...labels])].sort() });
  }
  return read;
}

/** Throws ConfigError when labels are chosen that no file and no truth names. */
export function refuseUnnamed(chosen: readonly string[], files: readonly FoundFile[]): void {
  const known = [...new Set(files.flatMap(({ names }) => names))];
  const issues = chosen
    .filter((label) => !known.includes(label))
    .map((label) => `${label} is not named${toHint(label, known)}`);
  if (issues.length === 0) return;
  throw new ConfigError('--labels names what neither the segments nor the truth do', issues, {
    remedy: 'correct them, or write them down in labels of a truth in JSON',
  });
}

/** What is to be said of a file whose clip was not tagged to its end; null: it was, or that is not known. */
export function findUnfinished({ file, found: { outcome } }: FoundFile): ConfigError | null {
  if (outcome === null || outcome === 'completed') return null;
  const end = outcome === 'failed' ? 'failed' : 'was interrupted';
  return new ConfigError(
    `the tagging of ${file} ${end}, so what comes later in its clip counts as not found`,
    [],
    {
      remedy: 'tag the clip to its end, and judge that',
    },
  );
}

/** Lays what a file tells beside its truth. */
export function compareFound(
  { file, found, truth, names }: FoundFile,
  chosen: readonly string[] | undefined,
): ComparedClip {
  const { segments } = found;
  const labels = chosen === undefined ? names : names.filter((name) => chosen.includes(name));
  const lastMs = [...segments, ...truth.segments].reduce(
    (most, { startMs, endMs }) => Math.max(most, Number.isFinite(endMs) ? endMs : startMs),
    0,
  );
  const lengthMs = found.durationMs ?? truth.durationMs;
  const clip = toJudgedClip(truth, { labels, durationMs: lengthMs ?? lastMs });
  return {
    name: file,
    truthFile: truth.file,
    clip,
    found: segments,
    isLengthKnown: lengthMs !== null,
    scores: null,
  };
}
