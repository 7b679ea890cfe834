import { ConfigError } from '../../errors.js';
import type { Prelude } from '../../infer/manifest.js';
import type { OnnxValue, Signature } from '../../infer/onnx-signature.js';
import type { Guess, ImportFlags } from './import-flags.js';
import { toNormalisation } from './normalisation.js';

const LARGEST_SIDE = 4096;

/** How the frames for a foreign model are made, and what of it was guessed. */
export interface ImportPlan {
  /** Its activation is `none` when that is to be found out. */
  readonly prelude: Prelude;
  readonly size: { readonly width: number; readonly height: number };
  readonly guesses: readonly Guess[];
}

/** Fits a foreign model to frames. Throws ConfigError, with what to do, when that cannot be or the flags must say more. */
export function planImport(signature: Signature, labelCount: number, flags: ImportFlags): ImportPlan {
  const input = chooseInput(signature.inputs); // first: what is wrong with it shows in the output too
  const output = chooseOutput(signature.outputs, labelCount, flags);
  const layout = chooseLayout(input, flags);
  const size = chooseSize(input, layout, flags);
  const { settings, guesses } = toNormalisation(flags);
  const prelude: Prelude = {
    input: input.name,
    output: output.name,
    layout,
    channels: flags.channels ?? 'rgb',
    ...settings,
    activation: flags.activation === 'sigmoid' ? 'sigmoid' : 'none',
  };
  return { prelude, size, guesses: [...toGuesses(prelude, input, flags), ...guesses] };
}

function toGuesses({ layout }: Prelude, input: OnnxValue, flags: ImportFlags): Guess[] {
  const guesses: (Guess | false)[] = [
    flags.layout === 'auto' && [
      'layout',
      `${layout}, as 3 is the ${layout === 'nchw' ? 'second' : 'last'} size of ${toText(input)}`,
    ],
    input.shape[0] === 1 && ['batch', `frames are run one by one, as ${input.name} takes no more`],
    flags.size === undefined && ['size', `that of ${toText(input)}`],
    flags.channels === undefined && ['channels', 'rgb; --channels bgr for a model of OpenCV or Caffe'],
    flags.resize === undefined && [
      'resize',
      'pictures are squashed to that size; --resize letterbox keeps their shape',
    ],
    flags.interpolation === undefined && [
      'scaling',
      'bilinear; most networks of timm say bicubic: --interpolation bicubic',
    ],
  ];
  return guesses.filter((guess) => guess !== false);
}

function chooseOutput(outputs: readonly OnnxValue[], labelCount: number, flags: ImportFlags): OnnxValue {
  const all = outputs.map(toText).join(', ');
  if (flags.scores === undefined && outputs.length !== 1)
    throw refuse(
      `the model has ${outputs.length} outputs: ${all}`,
      `name the one that holds the scores: --scores ${(outputs.find((output) => isScores(output, labelCount)) ?? outputs[0])?.name}`,
    );
  const output = flags.scores === undefined ? outputs[0] : outputs.find(({ name }) => name === flags.scores);
  if (output === undefined)
    throw refuse(
      `the model has no output ${flags.scores}; it has: ${all}`,
      'name one of these with --scores',
    );
  if (!isScores(output))
    throw refuse(
      `the output ${toText(output)} is no list of scores, float32 [N,labels]`,
      'export the model with one float32 score a label',
    );
  const labels = output.shape[1];
  if (!isScores(output, labelCount))
    throw refuse(
      `${flags.labels} has ${labelCount} ${labelCount === 1 ? 'label' : 'labels'}, but the model gives ${labels} scores: ${toText(output)}`,
      'write one label for each score, in the order in which the model was trained',
    );
  return output;
}

/** Whether an output is a list of scores, float32 [N, labels]; of how many labels, where that is given. */
function isScores({ type, shape: [n, labels, ...rest] }: OnnxValue, labelCount?: number): boolean {
  if (type !== 'float32' || labels === undefined || rest.length > 0 || (typeof n === 'number' && n !== 1))
    return false;
  return labelCount === undefined || typeof labels !== 'number' || labels === labelCount;
}

function chooseInput(inputs: readonly OnnxValue[]): OnnxValue {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0)
    throw refuse(
      `the model has ${inputs.length} inputs: ${inputs.map(toText).join(', ')}`,
      'export it with the picture as its only input',
    );
  if (input.type !== 'float32')
    throw refuse(
      `the input ${toText(input)} is not float32`,
      input.type === 'float16'
        ? 'export the model in float32: model.float() before the export'
        : 'export the model with float32 pictures as input',
    );
  if (input.shape.length !== 4)
    throw refuse(
      `the input ${toText(input)} is no picture, float32 [N,3,height,width] or [N,height,width,3]`,
      'export the model with pictures as input',
    );
  const [n] = input.shape;
  if (typeof n === 'number' && n !== 1)
    throw refuse(
      `the input ${toText(input)} takes exactly ${n} pictures`,
      'export the model for one picture, or for any number (dynamic_axes, dynamic_shapes)',
    );
  return input;
}

function chooseLayout(input: OnnxValue, { layout }: ImportFlags): Prelude['layout'] {
  const [, second, , last] = input.shape;
  if (second !== 3 && last !== 3 && (second === 1 || last === 1))
    throw refuse(
      `the input ${toText(input)} takes grey pictures, of 1 channel: 3 are needed`,
      'export the model for colour pictures, made grey within it',
    );
  if (layout === 'auto') {
    if ((second === 3) === (last === 3))
      throw refuse(
        `the layout of the input ${toText(input)} cannot be told: 3 channels must be its second or its last size`,
        'name it with --layout nchw or --layout nhwc; a model must take colour pictures',
      );
    return second === 3 ? 'nchw' : 'nhwc';
  }
  const channels = layout === 'nchw' ? second : last;
  if (typeof channels === 'number' && channels !== 3)
    throw refuse(
      `the input ${toText(input)} has ${channels} channels as ${layout}, not 3`,
      'name the other --layout, or export the model for colour pictures',
    );
  return layout;
}

function chooseSize(input: OnnxValue, layout: Prelude['layout'], { size }: ImportFlags): ImportPlan['size'] {
  const [, one, two, three] = input.shape;
  const [height, width] = layout === 'nchw' ? [two, three] : [one, two];
  const chosen = { width: size?.width ?? width, height: size?.height ?? height };
  if (typeof chosen.width !== 'number' || typeof chosen.height !== 'number')
    throw refuse(
      `the input ${toText(input)} takes pictures of any size`,
      'name the size at which it was trained: --size 224, or --size 640x384',
    );
  for (const [wanted, found] of [[chosen.width, width] as const, [chosen.height, height] as const])
    if (typeof found === 'number' && wanted !== found)
      throw refuse(
        `--size ${chosen.width}x${chosen.height} is not that of the input ${toText(input)}`,
        'leave --size out, or export the model for this size',
      );
  if (Math.max(chosen.width, chosen.height) > LARGEST_SIDE)
    throw refuse(
      `the input ${toText(input)} takes pictures of more than ${LARGEST_SIDE} pixels a side`,
      'export the model for smaller pictures',
    );
  return { width: chosen.width, height: chosen.height };
}

/** `x float32 [N,3,224,224]`. */
function toText({ name, type, shape }: OnnxValue): string {
  return `${name} ${type} [${shape.map((size) => (size === '' ? '?' : size)).join(',')}]`;
}

function refuse(message: string, remedy: string): ConfigError {
  return new ConfigError(message, [], { remedy });
}
