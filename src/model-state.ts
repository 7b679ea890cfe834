import type { Model } from './infer/model.js';
import type { Track } from './infer/track.js';
import type { RecordedObserver } from './publish/epoch-recorder.js';
import type { Checkpoint, ModelInfo } from './types.js';

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

/** A track whose checkpoints say of which model they are. */
export function withModel(track: Track, modelState: { readonly model: ModelInfo }): RecordedObserver {
  return {
    state: () => ({ ...track.state(), ...modelState }),
    get durationMs() {
      return track.durationMs;
    },
  };
}
