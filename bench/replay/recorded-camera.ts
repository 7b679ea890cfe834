import { Track } from '../../src/infer/track.js';
import type { ScoredFrame, Smoothing } from '../../src/types.js';
import type { Trace } from '../truth/trace.js';

/** A frame and when it comes, in milliseconds since 1970. */
export interface TimedFrame {
  readonly atMs: number;
  readonly scores: Float32Array;
  /** The same for the same picture. */
  readonly hash: number;
}

/** A camera that shows a recorded clip again and again, and has always done so: what it shows is told by the time alone. */
export class RecordedCamera {
  readonly #trace: Trace;
  readonly #beganMs: number;

  /** `beganMs`: when the clip began once, in milliseconds since 1970. */
  constructor(trace: Trace, beganMs: number) {
    this.#trace = trace;
    this.#beganMs = beganMs;
  }

  /** The frames after a time, for ever. */
  *framesAfter(ms: number): Generator<TimedFrame, never> {
    const { frames } = this.#trace;
    const lapMs = toLapMs(this.#trace);
    for (let lap = Math.floor((ms - this.#beganMs) / lapMs); ; lap++)
      for (const [hash, { ptsMs, scores }] of frames.entries()) {
        const atMs = this.#beganMs + lap * lapMs + ptsMs;
        if (atMs > ms) yield { atMs, scores, hash };
      }
  }
}

/** How long the clip is, one frame after the last at least. */
export function toLapMs({ frames, end, fps }: Trace): number {
  const lastMs = frames.at(-1)!.ptsMs;
  return Math.max(Math.round(end.durationMs ?? 0), lastMs + Math.round(1000 / (fps ?? 25)));
}

/** Label events that one camera gives in a second of media. Throws when the clip has none: no speed makes a load of it. */
export function countEventsPerSecond(trace: Trace, smoothing: Smoothing): number {
  const laps = 4;
  const lapMs = toLapMs(trace);
  const fps = trace.fps ?? 25;
  const track = new Track({ kind: 'live', fps, smoothing, labelCount: trace.labels.length });
  let events = 0;
  for (const { atMs, scores, hash } of new RecordedCamera(trace, 0).framesAfter(-1)) {
    if (atMs >= laps * lapMs) break;
    events += track.observe({ ptsMs: atMs, damaged: false, scores, hash } satisfies ScoredFrame).length;
  }
  if (events === 0) throw new Error('no label holds in this trace: take a clip with something in it');
  return (events * 1000) / (laps * lapMs);
}
