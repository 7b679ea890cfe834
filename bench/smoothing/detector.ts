import { GAP_TOLERANCE_MS, type Trace } from '../truth/trace.js';
import type { ToldSegment } from '../../src/calibrate/scored-clip.js';

/** Tells of one label, frame by frame, whether it holds. */
export interface Detector {
  /** Whether the label holds once this score is known; times never decrease. */
  observe(atMs: number, score: number): boolean;
  /** Since when it holds, or does not. */
  readonly sinceMs: number;
}

/**
 * The segments of a detector a label. As ours, they end when the detector dates it, at a gap, at the last frame before it, and
 * at the end of the file, at most one interval after its last frame.
 */
export function detect(trace: Trace, create: (label: number) => Detector): ToldSegment[] {
  const { frames, labels, fps, end } = trace;
  const lastMs = frames.at(-1)?.ptsMs ?? 0;
  const endMs = Math.min(end.durationMs ?? Number.POSITIVE_INFINITY, lastMs + 1000 / (fps ?? 25));
  const gapMs = Math.max(trace.gapToleranceMs ?? GAP_TOLERANCE_MS, 3000 / (fps ?? 25));
  const found: ToldSegment[] = [];
  for (const [label, name] of labels.entries()) {
    let detector = create(label);
    let open: { startMs: number; confirmedMs: number } | null = null;
    let beforeMs = 0;
    const close = (atMs: number, toldMs: number): void => {
      if (open !== null && atMs > open.startMs) found.push({ label: name, ...open, endMs: atMs, toldMs });
      open = null;
    };
    for (const { ptsMs, damaged, scores } of frames) {
      if (damaged && ptsMs - beforeMs > gapMs) {
        close(Math.max(beforeMs, (open as { startMs: number } | null)?.startMs ?? 0), ptsMs);
        detector = create(label);
      }
      const holds = detector.observe(ptsMs, scores[label]!);
      if (holds && open === null) open = { startMs: detector.sinceMs, confirmedMs: ptsMs };
      else if (!holds && open !== null) close(detector.sinceMs, ptsMs);
      beforeMs = ptsMs;
    }
    close(endMs, endMs);
  }
  return found;
}
