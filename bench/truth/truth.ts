import type { Effect } from './effects.js';
import { type ClipPlan, FPS, type Shot } from './plan.js';
import { damagedFrames, keptFrames, keyFrames } from './timing.js';

/** A label over media time; `endMs` exclusive. */
export interface Span {
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What is seen in a clip and when: the truth file of `labelcast eval`, key frames and shots. */
export interface Truth {
  readonly clip: string;
  readonly fps: number;
  readonly durationMs: number;
  /** The labels that are judged. */
  readonly labels: readonly string[];
  /** When a label holds. */
  readonly segments: readonly Span[];
  /** When a label is neither right nor wrong, whatever `segments` say: nobody knows, or it cannot well be seen. */
  readonly optional: readonly Span[];
  /** Where the encoder set key frames. */
  readonly keyFramesMs: readonly number[];
  /** For people who look. */
  readonly shots: readonly object[];
}

/** Share of the frame that a box may cover while the labels behind it are still asked for. */
const FAIR_COVER = 0.3;
/** Frames before a damaged part that a decoder may lose too, since they are predicted from it. */
const REORDERED = 4;

/** The truth of a clip. Segments of one label that touch are one, and so are its optional spans. */
export function toTruth(plan: ClipPlan, labels: readonly string[]): Truth {
  const { name, frames, shots } = plan;
  const judged = new Set(labels);
  const held = shots.flatMap((shot) => shot.photo.positives.map((label) => toSpan(label, shot)));
  const unsure = shots.flatMap((shot, n) => [
    ...shot.photo.unknown.map((label) => toSpan(label, shot)),
    ...spansOf(shot.photo.positives, hiddenFrames(shot, plan)),
    ...(n === 0 ? [] : entrySpans(shots[n - 1]!, shot)),
  ]);
  const join = (spans: Span[]): Span[] => joinSpans(spans.filter(({ label }) => judged.has(label)));
  return {
    clip: `${name}.mp4`,
    fps: FPS,
    durationMs: toMs(frames),
    labels,
    segments: join(held),
    optional: join(unsure),
    keyFramesMs: keyFrames(keptFrames(plan)).map(toMs),
    shots: shots.map(describe),
  };
}

interface Frames {
  readonly startFrame: number;
  readonly endFrame: number;
}

function toMs(frame: number): number {
  return (frame * 1000) / FPS;
}

function toSpan(label: string, { startFrame, endFrame }: Frames): Span {
  return { label, startMs: toMs(startFrame), endMs: toMs(endFrame) };
}

function spansOf(labels: readonly string[], times: readonly Frames[]): Span[] {
  return times.flatMap((frames) => labels.map((label) => toSpan(label, frames)));
}

/** When the photo of a shot is hidden, or missing. */
function hiddenFrames({ effects }: Shot, plan: ClipPlan): Frames[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'occlusion') return coveredFrames(effect);
    if (effect.kind === 'missing') return [effect];
    if (effect.kind !== 'damaged') return [];
    return damagedFrames(plan).map((frames) => ({ ...frames, startFrame: frames.startFrame - REORDERED }));
  });
}

/** How much of the frame's width the box of an occlusion covers, as it passes from the left to the right. */
export function toCover({ startFrame, endFrame, amount }: Effect, frame: number): number {
  const right = ((frame - startFrame) / (endFrame - startFrame)) * (1 + amount);
  return Math.max(0, Math.min(1, right) - Math.max(0, right - amount));
}

function coveredFrames(effect: Effect): Frames[] {
  const all = Array.from({ length: effect.endFrame - effect.startFrame }, (_, n) => effect.startFrame + n);
  const covered = all.filter((frame) => toCover(effect, frame) > FAIR_COVER);
  return covered.length === 0 ? [] : [{ startFrame: covered[0]!, endFrame: covered.at(-1)! + 1 }];
}

/** Out of black, what both photos show cannot be seen either; mixed, it can. */
function entrySpans(before: Shot, shot: Shot): Span[] {
  const { entry, startFrame } = shot;
  if (entry.kind === 'cut') return [];
  const [old, now] = [before.photo, shot.photo];
  const shown = [...old.positives, ...old.unknown, ...now.positives, ...now.unknown];
  const isInBoth = (label: string): boolean => old.positives.includes(label) && now.positives.includes(label);
  const labels = entry.kind === 'fade' ? shown : shown.filter((label) => !isInBoth(label));
  const half = entry.frames / 2;
  return spansOf(labels, [{ startFrame: startFrame - half, endFrame: startFrame + half }]);
}

function joinSpans(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  const last = new Map<string, number>();
  for (const span of spans.toSorted((a, b) => a.startMs - b.startMs || (a.label < b.label ? -1 : 1))) {
    const at = last.get(span.label);
    const open = at === undefined ? undefined : joined[at]!;
    if (open !== undefined && span.startMs <= open.endMs)
      joined[at!] = { ...open, endMs: Math.max(open.endMs, span.endMs) };
    else last.set(span.label, joined.push(span) - 1);
  }
  return joined;
}

function describe({ photo, startFrame, endFrame, entry, motion, effects }: Shot): object {
  return {
    photo: photo.file,
    startMs: toMs(startFrame),
    endMs: toMs(endFrame),
    entry: entry.kind,
    zoom: [motion.from.zoom, motion.to.zoom],
    effects: effects.map((effect) => ({
      kind: effect.kind,
      startMs: toMs(effect.startFrame),
      endMs: toMs(effect.endFrame),
      amount: effect.amount,
    })),
  };
}
