import type { Model } from './infer/model.js';
import type { StaticGate } from './infer/static-gate.js';
import type { Track } from './infer/track.js';
import type { RecordedObserver } from './publish/epoch-recorder.js';
import type { Checkpoint, ModelInfo, Smoothing } from './types.js';

interface ChosenModel {
  readonly model: Model;
  readonly labels: readonly { readonly name: string }[];
}

/** What a checkpoint says, beside the track, of the model and the labels that it and the score curves are of. */
export function toModelState({ model, labels }: ChosenModel): { readonly model: ModelInfo } {
  return { model: { ...model.info, labels: labels.map(({ name }) => name) } };
}

/** Null: the checkpoint does not say, or what was open there has been ended. */
export function modelOf(checkpoint: Checkpoint | null): ModelInfo | null {
  return (checkpoint?.smoother['model'] ?? null) as ModelInfo | null;
}

/** How the labels of a file became segments. */
export interface SmoothingInForce {
  /** Frames scored per second of media. */
  readonly fps: number;
  /** Only key frames were; absent: false. */
  readonly keyframesOnly?: boolean;
  readonly smoothing: Smoothing;
}

/** What a checkpoint says of the smoothing, so that what is recorded can be followed later. */
export function toSmoothingState(inForce: SmoothingInForce): Readonly<Record<string, unknown>> {
  const { fps, keyframesOnly = false, smoothing } = inForce;
  const { thresholds, ...times } = smoothing;
  const [enter, exit] = [thresholds.map((one) => one.enter), thresholds.map((one) => one.exit)];
  return { smoothing: { fps, ...(keyframesOnly && { keyframesOnly }), ...times, enter, exit } };
}

/** Null: the checkpoint does not say. */
export function smoothingOf(checkpoint: Checkpoint | null): SmoothingInForce | null {
  const state = checkpoint?.smoother['smoothing'] as StoredSmoothing | undefined;
  if (state === undefined) return null;
  const { fps, keyframesOnly = false, enter, exit, ...times } = state;
  return {
    fps,
    keyframesOnly,
    smoothing: { ...times, thresholds: enter.map((one, n) => ({ enter: one, exit: exit[n]! })) },
  };
}

interface StoredSmoothing extends Omit<Smoothing, 'thresholds'> {
  readonly fps: number;
  readonly keyframesOnly?: boolean;
  /** One per label. */
  readonly enter: readonly number[];
  readonly exit: readonly number[];
}

/**
 * A track whose checkpoints also say what `said` does: of which model they are, and how it is smoothed; and what the gate in
 * front of the model last let through.
 */
export function withState(
  track: Track,
  said: Readonly<Record<string, unknown>>,
  gate?: StaticGate,
): RecordedObserver {
  return {
    state: () => ({ ...track.state(), ...said, ...(gate !== undefined && { staticGate: gate.state() }) }),
    get durationMs() {
      return track.durationMs;
    },
  };
}
