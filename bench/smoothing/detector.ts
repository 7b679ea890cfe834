import type { FoundSegment } from '../../src/eval/truth.js';
import type { Trace } from '../truth/trace.js';

/** Tells of one label, frame by frame, whether it holds. */
export interface Detector {
  /** Whether the label holds once this score is known; times never decrease. */
  observe(atMs: number, score: number): boolean;
  /** When it says that it holds: since when. */
  readonly sinceMs: number;
}

/** As the file's own gap rule has it: longer holes with damage in them end what is open. */
const GAP_MS = 3000;

/**
 * The segments of a detector a label. As ours, they end at a gap, at the last frame before it, and at the end of the file, at
 * most one interval after its last frame.
 */
export function detect(trace: Trace, create: (label: number) => Detector): FoundSegment[] {
  const { frames, labels, fps, end } = trace;
  const lastMs = frames.at(-1)?.ptsMs ?? 0;
  const endMs = Math.min(end.durationMs ?? Number.POSITIVE_INFINITY, lastMs + 1000 / (fps ?? 25));
  const gapMs = Math.max(GAP_MS, 3000 / (fps ?? 25));
  const found: FoundSegment[] = [];
  for (const [label, name] of labels.entries()) {
    let detector = create(label);
    let open: { startMs: number; confirmedMs: number } | null = null;
    let beforeMs = 0;
    const close = (atMs: number): void => {
      if (open !== null && atMs > open.startMs) found.push({ label: name, ...open, endMs: atMs });
      open = null;
    };
    for (const { ptsMs, damaged, scores } of frames) {
      if (damaged && ptsMs - beforeMs > gapMs) {
        close(Math.max(beforeMs, (open as { startMs: number } | null)?.startMs ?? 0));
        detector = create(label);
      }
      const holds = detector.observe(ptsMs, scores[label]!);
      if (holds && open === null) open = { startMs: detector.sinceMs, confirmedMs: ptsMs };
      else if (!holds && open !== null) close(ptsMs);
      beforeMs = ptsMs;
    }
    close(endMs);
  }
  return found;
}
