import type { OpenRequest } from '../../src/infer/tagger-messages.js';
import { FRAME_BYTES, SIDE } from './camera.js';

/** A frame that the main thread can read, and must release. */
export interface ChosenFrame {
  readonly bytes: Uint8Array;
  release(): void;
}

export interface WayOptions {
  /** What every camera shows. */
  readonly pictures: string;
  readonly folder: string;
  readonly cameras: number;
  /** Frames of one camera that are held at most. */
  readonly slots: number;
  readonly batch: number;
  readonly onFrame: (frame: ChosenFrame) => void;
}

/** One way of the pixels from cameras to a tagger that answers at once. */
export interface Way<T extends ChosenFrame = ChosenFrame> extends AsyncDisposable {
  readonly taggerPid: number;
  /** Sends one full batch; resolves to what the tagger answers when it has all of it, a `toMark` a frame. Does not release. */
  tag(lane: number, frames: readonly T[]): Promise<Float32Array>;
  cameraPids(): number[];
}

export const LANES = 2;
export const NULL_TAGGER = new URL('./null-tagger.js', import.meta.url);

/** What the tagger is told first; it opens no model. */
export function toRequest(batch: number): OpenRequest {
  return {
    file: '',
    sha256: '',
    data: [],
    prelude: null,
    width: SIDE,
    height: SIDE,
    labelCount: 80,
    provider: 'cpu',
    deviceId: 0,
    cuda: null,
    sessions: 1,
    batchSizes: [batch],
  };
}

/** Tells one picture of noise from another, and a whole one from a part. */
export function toMark(frame: Uint8Array): number {
  return frame[0]! + (frame[FRAME_BYTES / 2]! << 8) + (frame[FRAME_BYTES - 1]! << 16);
}

export function newSlabs(batch: number): Uint8Array[] {
  return Array.from({ length: LANES }, () => new Uint8Array(batch * FRAME_BYTES));
}
