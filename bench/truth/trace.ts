import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TICKS_PER_SECOND } from './render.js';

/** As the product has it, when nothing else is said. */
export const GAP_TOLERANCE_MS = 3000;

/** What a trace file says besides the scores; NAME.trace.json beside NAME.scores. */
export interface TraceHeader {
  readonly clip: string;
  readonly clipSha256: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly labels: readonly string[];
  /** Frames scored a second; null: every frame. */
  readonly fps: number | null;
  /** As the pipeline has them at the end of the file. */
  readonly end: { readonly durationMs: number | null; readonly cause: string | null };
  readonly keyFramesMs: readonly number[];
  /** Of each frame. */
  readonly ptsMs: readonly number[];
  /** The frames before which a decode error was told, by number. */
  readonly damaged: readonly number[];
}

/** The raw scores of a clip's frames. */
export interface Trace {
  readonly modelSha256: string;
  readonly labels: readonly string[];
  readonly fps: TraceHeader['fps'];
  readonly end: TraceHeader['end'];
  readonly keyFramesMs: readonly number[];
  /** A longer hole with damage in it is a gap; `GAP_TOLERANCE_MS` where it is not told. */
  readonly gapToleranceMs?: number;
  readonly frames: readonly TracedFrame[];
}

/** As a scored frame of the pipeline; `scores`: one for each label. */
export interface TracedFrame {
  readonly ptsMs: number;
  readonly damaged: boolean;
  readonly scores: Float32Array;
}

/** Reads the trace of a clip by its name without ending. Throws when there is none, or the scores are not all there. */
export function readTrace(folder: string, name: string): Trace {
  const header = JSON.parse(readFileSync(join(folder, `${name}.trace.json`), 'utf8')) as TraceHeader;
  const { model, labels, fps, end, keyFramesMs, ptsMs } = header;
  const bytes = new Uint8Array(readFileSync(join(folder, `${name}.scores`)));
  const scores = new Float32Array(bytes.buffer);
  if (scores.length !== ptsMs.length * labels.length) {
    throw new Error(
      `${name}.scores holds ${scores.length} numbers, not ${ptsMs.length} × ${labels.length}: make the trace anew`,
    );
  }
  const damaged = new Set(header.damaged);
  const frames = ptsMs.map((ms, n) => ({
    ptsMs: ms,
    damaged: damaged.has(n),
    scores: scores.subarray(n * labels.length, (n + 1) * labels.length),
  }));
  return { modelSha256: model.sha256, labels, fps, end, keyFramesMs, frames };
}

/**
 * What scoring `fps` frames a second would have given: the first frame of each cell of 1/fps, chosen in the same floating
 * point as by ffmpeg's `select`, so that frames lost to rounding are lost here too. Of a trace that has not every frame, `fps`
 * must divide its own; throws where it does not.
 */
export function subsample(trace: Trace, fps: number): Trace {
  if (trace.fps !== null && trace.fps % fps !== 0)
    throw new Error(
      `a trace of ${trace.fps} frames a second does not hold those of ${fps}: trace every frame`,
    );
  let last: number | null = null;
  const chosen = choose(trace, ({ ptsMs }) => {
    const seconds = Math.round((ptsMs * TICKS_PER_SECOND) / 1000) * (1 / TICKS_PER_SECOND);
    const cell = Math.floor(seconds * fps);
    if (cell === last) return false;
    last = cell;
    return true;
  });
  return { ...chosen, fps };
}

/**
 * What decoding key frames alone would have given, each on show until the next one and observed `fps` times a second; a gap is
 * three times their own distance. Throws when the trace has not every frame.
 */
export function keyFramesOnly(trace: Trace, fps: number): Trace {
  if (trace.fps !== null) throw new Error(`a trace of ${trace.fps} frames a second lacks key frames`);
  const isKey = new Set(trace.keyFramesMs);
  const chosen = choose(trace, ({ ptsMs }) => isKey.has(ptsMs));
  const distances = chosen.frames.slice(1).map(({ ptsMs, damaged }, n) => {
    return damaged ? 0 : ptsMs - chosen.frames[n]!.ptsMs;
  });
  return { ...chosen, fps, gapToleranceMs: Math.max(GAP_TOLERANCE_MS, 3 * Math.max(...distances, 0)) };
}

/** Damage before a frame that is left out is told of the next one. */
function choose(trace: Trace, isChosen: (frame: TracedFrame) => boolean): Trace {
  const frames: TracedFrame[] = [];
  let damaged = false;
  for (const frame of trace.frames) {
    damaged ||= frame.damaged;
    if (!isChosen(frame)) continue;
    frames.push({ ...frame, damaged });
    damaged = false;
  }
  return { ...trace, frames };
}
