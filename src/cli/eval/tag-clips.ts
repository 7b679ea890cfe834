import { fitClock, fitLength } from '../../eval/fit-truth.js';
import { type FoundClip, toFoundClips } from '../../eval/found-events.js';
import type { ReadTruth } from '../../eval/read-truth.js';
import type { TrackWatch } from '../../infer/track-watch.js';
import { readHeader } from '../../ingest/source-header.js';
import type { Source } from '../../ingest/sources.js';
import type { JournalHandle } from '../../publish/journal.js';
import { tagFile } from '../../tag-file.js';
import type { LabelcastEvent, SourceEnd } from '../../types.js';
import { toMessage } from '../messages.js';
import { type PrivateRun, runPrivately, toPrivateMessage } from '../private-run.js';
import type { Screen } from '../screen.js';
import type { TagPlan } from '../tag.js';

/** The scores of each frame of a clip, in order: as the model gave them, and averaged. */
export interface ClipScores {
  readonly timesMs: number[];
  readonly raw: Float32Array[];
  readonly smoothed: Float32Array[];
  /** The frames before which nothing could be seen for too long, by number. */
  readonly afterBlindness: Set<number>;
  /** How its source ended. */
  end: SourceEnd;
}

/** A clip that was tagged. */
export interface TaggedClip {
  readonly name: string;
  readonly truth: ReadTruth;
  readonly found: FoundClip;
  readonly scores: ClipScores;
}

interface TagClipsOptions {
  readonly plan: TagPlan;
  /** Of each source of the plan. */
  readonly truths: readonly ReadTruth[];
  /** Nothing else is evaluated. */
  readonly isAlone: boolean;
  readonly screen: Screen;
  readonly isProgressWanted: boolean;
}

/**
 * Tags the sources of a plan one after the other, as `labelcast tag` does, with a journal of their own that is removed; what
 * failed is said and left out. Throws ConfigError when a truth does not fit its clip, or the one that is alone is too short to
 * be judged, InferError or PublishError when there is no tagger or journal.
 */
export async function tagClips(
  { plan, truths, isAlone, screen, isProgressWanted }: TagClipsOptions,
  signal: AbortSignal,
): Promise<TaggedClip[]> {
  for (const [n, source] of plan.sources.entries()) await fitHeader(source, truths[n]!, plan, signal);
  return runPrivately(plan, { screen, isProgressWanted }, async (run) => {
    const tagged: TaggedClip[] = [];
    for (const [n, source] of plan.sources.entries()) {
      if (signal.aborted) break;
      const clip = await tagClip(source, truths[n]!, { ...run, isAlone, say: screen.print }, signal);
      if (clip !== null) tagged.push(clip);
    }
    return tagged;
  });
}

/** Before minutes are spent on a clip that the truth is not of. */
async function fitHeader(
  source: Source,
  truth: ReadTruth,
  { build, fps }: TagPlan,
  signal: AbortSignal,
): Promise<void> {
  const header = await readHeader(source, build, signal).catch(() => null); // tagging it says what is wrong
  const durationMs = header?.durationMs ?? null;
  if (durationMs !== null) fitClock(truth, { name: source.names[0]!, durationMs, intervalMs: 1000 / fps });
}

interface Tagging extends PrivateRun {
  readonly isAlone: boolean;
  readonly say: (text: string) => void;
}

/** Null: it failed, was interrupted, or is too short to be judged. */
async function tagClip(
  source: Source,
  truth: ReadTruth,
  { rig, progress, isAlone, say }: Tagging,
  signal: AbortSignal,
): Promise<TaggedClip | null> {
  const name = source.names[0]!;
  const shown = progress.begin(name, 'file');
  const scores: ClipScores = {
    timesMs: [],
    raw: [],
    smoothed: [],
    afterBlindness: new Set(),
    end: { durationMs: null, cause: null },
  };
  const outcome = await tagFile(
    source,
    rig,
    {
      opened: () => {},
      begun: (view) => shown.begun(view),
      advanced: (_, ptsMs) => shown.advanced(ptsMs),
      watch: watchFrames(scores),
    },
    signal,
  );
  progress.end(shown);
  if (outcome.error !== null) say(`error: ${toPrivateMessage(outcome.error)}`);
  if (outcome.status !== 'completed') return null;
  const [found] = toFoundClips(await eventsOf(rig.journal, outcome.epoch!)); // it was opened
  const durationMs = found!.durationMs!; // it is completed
  const frames = scores.timesMs.length;
  fitClock(truth, { name, durationMs, intervalMs: 1000 / rig.fps });
  try {
    fitLength({ name, durationMs, frames, minOnMs: rig.smoothing.minOnMs });
  } catch (error) {
    if (isAlone) throw error;
    say(`error: ${toMessage(error)}`);
    return null;
  }
  return { name, truth, found: found!, scores };
}

/** Writes down every frame; what is held between them is none. */
function watchFrames(into: ClipScores): TrackWatch {
  return {
    observed: ({ atMs, isHeld, scores, standingOf }) => {
      if (isHeld) return;
      into.timesMs.push(atMs);
      into.raw.push(scores.slice());
      into.smoothed.push(Float32Array.from(scores, (_, label) => standingOf(label).average));
    },
    blind: () => into.afterBlindness.add(into.timesMs.length),
    ended: (durationMs, cause) => {
      into.end = { durationMs, cause };
    },
  };
}

const ROWS_AT_ONCE = 500;

async function eventsOf(journal: JournalHandle, epoch: string): Promise<LabelcastEvent[]> {
  const events: LabelcastEvent[] = [];
  for (let after = 0; ; ) {
    const rows = await journal.read(after, ROWS_AT_ONCE, epoch);
    events.push(...rows.map(({ event }) => event));
    if (rows.length < ROWS_AT_ONCE) return events;
    after = rows.at(-1)!.position;
  }
}
