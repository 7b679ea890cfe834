import { type InferenceSession, openModel, Tensor, Unusable } from './onnx-session.js';
import type { OpenRequest } from './tagger-messages.js';

/** A model that is open. */
export interface Scorer {
  /** The frames of a batch are run one after the other, so that none changes the scores of another. */
  readonly isOneByOne: boolean;
  /**
   * Scores the first `frames` frames of a slab that holds `size`: at least frames × labels values, by frame. Throws what ONNX
   * Runtime throws, and Unusable when the scores are none.
   */
  readonly score: (slab: Uint8Array, frames: number, size: number) => Promise<Float32Array>;
}

/** Opens a model that takes the frames as they are. Throws Unusable when it does not fit the request. */
export async function openModelScorer(request: OpenRequest): Promise<Scorer> {
  const { height, width, labelCount } = request;
  const session = await openModel(request);
  checkValue('input', session.inputMetadata, 'frames', 'uint8', [height, width, 3]);
  checkValue('output', session.outputMetadata, 'scores', 'float32', [labelCount]);
  const score: Scorer['score'] = async (slab, _, size) => {
    const batch = slab.subarray(0, size * height * width * 3);
    const { scores } = await session.run({ frames: new Tensor('uint8', batch, [size, height, width, 3]) }, [
      'scores',
    ]);
    return toScores(scores, size, labelCount);
  };
  return { isOneByOne: false, score };
}

/** The values of an output that holds the scores of `size` frames. Throws Unusable when it does not. */
export function toScores(output: Tensor | undefined, size: number, labelCount: number): Float32Array {
  if (output?.data instanceof Float32Array && output.dims.join() === `${size},${labelCount}`)
    return output.data;
  const got = `${output?.type} [${output?.dims.join(',')}]`;
  throw new Unusable(
    'model',
    `the model gave scores ${got} for ${size} frames, not float32 [${size},${labelCount}]`,
  );
}

function checkValue(
  what: 'input' | 'output',
  found: readonly InferenceSession.ValueMetadata[],
  name: string,
  type: string,
  inner: readonly number[],
): void {
  const value = found.find((candidate) => candidate.name === name);
  const wanted = `${type} [N,${inner.join(',')}]`;
  if (value === undefined || !value.isTensor) {
    const names = found.map((candidate) => candidate.name).join(', ');
    throw new Unusable('model', `the model has no ${what} \`${name}\` ${wanted}; its ${what}s are: ${names}`);
  }
  const [n, ...rest] = value.shape;
  const fits =
    typeof n === 'string' && rest.length === inner.length && rest.every((size, at) => size === inner[at]);
  if (value.type !== type || !fits) {
    const got = `${value.type} [${value.shape.join(',')}]`;
    throw new Unusable(
      'model',
      `the model's ${what} \`${name}\` is ${got}, but the manifest's ${what === 'input' ? 'input wants' : 'labels want'} ${wanted}`,
    );
  }
}
