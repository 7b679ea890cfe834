import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Prelude } from './manifest.js';
import { type Scorer, toScores } from './model-scorer.js';
import { type InferenceSession, openModel, openSession, Tensor, Unusable } from './onnx-session.js';
import type { OpenRequest } from './tagger-messages.js';

/** Made by `python -m sgfn.prelude`; it takes what differs between models beside the frames. */
const PRELUDE_FILE = new URL('../../../model/prelude.onnx', import.meta.url);

/**
 * Opens a model that takes floats, with prelude.onnx in front of it. On the CPU, and where the model takes one frame only, frames
 * are run one by one, so none changes the scores of another. Throws Unusable when the model does not fit the request.
 */
export async function openPreludeScorer(request: OpenRequest, prelude: Prelude): Promise<Scorer> {
  const { height, width, labelCount, provider } = request;
  const { layout, input, output, activation } = prelude;
  // always on the CPU: its floats come back to this thread
  const before = await openSession(await readFile(PRELUDE_FILE), 'cpu');
  const settings = toFeeds(prelude);
  const session = await openModel(request);
  const batch = session.inputMetadata.find(({ name }) => name === input);
  if (batch === undefined || !session.outputNames.includes(output))
    throw new Unusable('model', `the model has no input \`${input}\` or no output \`${output}\``);
  checkInput(batch, prelude, request);
  const isOneByOne = provider === 'cpu' || (batch.isTensor && batch.shape[0] === 1);

  const run = async (pixels: Uint8Array, size: number): Promise<Float32Array> => {
    const frames = new Tensor('uint8', pixels, [size, height, width, 3]);
    const { [layout]: floats } = await before.run({ frames, ...settings }, [layout]);
    const outputs = await session.run({ [input]: floats! }, [output]);
    return toScores(outputs[output], size, labelCount);
  };
  const score: Scorer['score'] = async (slab, frames, size) => {
    const step = isOneByOne ? 1 : size;
    const scores = new Float32Array((isOneByOne ? frames : size) * labelCount);
    const frameBytes = height * width * 3;
    for (let at = 0; at < frames; at += step)
      scores.set(await run(slab.subarray(at * frameBytes, (at + step) * frameBytes), step), at * labelCount);
    return activation === 'sigmoid' ? scores.map(toProbability) : scores;
  };
  return { isOneByOne, score };
}

/** ONNX Runtime would say the same at the first frame, in several lines and without the manifest. */
function checkInput(
  found: InferenceSession.ValueMetadata,
  { layout }: Prelude,
  { file, width, height }: OpenRequest,
): void {
  const wanted = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  if (!found.isTensor) return;
  const { name, type, shape } = found;
  const fits = shape.length === 4 && shape.every((size, n) => typeof size === 'string' || size === wanted[n]);
  if (fits && type === 'float32') return;
  throw new Unusable(
    'model',
    `manifest.json says ${width}x${height} as ${layout}, ${basename(file)} takes ${name} ${type} [${shape.join(',')}]`,
    'remove the folder, and import the model again: labelcast model import',
  );
}

function toFeeds({ channels, scale, mean, std }: Prelude): Record<string, Tensor> {
  const order = channels === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  return {
    order: new Tensor('int64', BigInt64Array.from(order, BigInt), [3]),
    scale: new Tensor('float32', [scale], [1]),
    mean: new Tensor('float32', mean, [3, 1, 1]),
    std: new Tensor('float32', std, [3, 1, 1]),
  };
}

function toProbability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
