import { toHint } from '../config/did-you-mean.js';
import { ConfigError } from '../errors.js';
import type { ReadTruth } from './read-truth.js';
import { toSecondsText } from './truth-problem.js';

/** What a truth is laid beside. */
export interface TruthClip {
  readonly name: string;
  readonly durationMs: number;
  /** Frames that were scored. */
  readonly frames: number;
  /** How far apart the frames are. */
  readonly intervalMs: number;
  readonly minOnMs: number;
  /** Of the model. */
  readonly labels: readonly string[];
  readonly modelName: string;
}

/** Throws ConfigError when a truth names labels that a model lacks; each label once. */
export function fitLabels(
  { file, labels, segments, optional }: ReadTruth,
  { labels: known, modelName }: Pick<TruthClip, 'labels' | 'modelName'>,
): void {
  const places = new Map((labels ?? []).map((label) => [label, 'labels']));
  for (const { label, at } of [...segments, ...optional])
    if (places.get(label) === undefined) places.set(label, at);
  const issues = [...places]
    .filter(([label]) => !known.includes(label))
    .map(([label, at]) => `${at}: ${label} is no label of ${modelName}${toHint(label, known)}`);
  if (issues.length === 0) return;
  throw new ConfigError(`${file} names labels that the model lacks`, issues, {
    remedy: 'correct them, or judge another model with --model',
  });
}

/** Throws ConfigError when a truth goes beyond the end of the clip: its clock is another one, or it is of another clip. */
export function fitClock(
  { file, durationMs, segments }: ReadTruth,
  clip: Pick<TruthClip, 'name' | 'durationMs' | 'intervalMs'>,
): void {
  const last = segments.reduce((most, one) => (one.endMs > (most?.endMs ?? 0) ? one : most), segments[0]);
  const endMs = Math.max(durationMs ?? 0, last?.endMs ?? 0);
  if (endMs <= clip.durationMs + clip.intervalMs) return;
  const isStated = endMs === durationMs;
  const issue = isStated ? `durationMs is ${durationMs}` : `${last!.at}: ${last!.label} ends there`; // there is one
  throw new ConfigError(
    `${file} goes to ${toSecondsText(endMs)}, but ${clip.name} ends at ${toSecondsText(clip.durationMs)}`,
    [issue],
    {
      remedy: `check that it is the truth of this clip, and that its times count from the clip's first frame`,
    },
  );
}

/** Throws ConfigError when nothing could be measured on a clip. */
export function fitLength({
  name,
  durationMs,
  frames,
  minOnMs,
}: Omit<TruthClip, 'intervalMs' | 'labels' | 'modelName'>): void {
  const remedy = 'take a longer clip, or more frames a second with --fps';
  if (frames < 2)
    throw new ConfigError(
      `${name} gave ${frames === 1 ? 'a single frame' : 'no frame'}, and steadiness is between frames`,
      [],
      {
        remedy,
      },
    );
  if (durationMs >= minOnMs) return;
  throw new ConfigError(
    `${name} lasts ${toSecondsText(durationMs)}, less than minOnMs (${minOnMs}): no label could begin and be judged`,
    [],
    { remedy: 'take a longer clip, or a smaller smoothing.minOnMs' },
  );
}
