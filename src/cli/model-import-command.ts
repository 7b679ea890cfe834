import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CommandHelp, explain } from './command-help.js';
import type { Channels, ImportFlags } from './model/import-flags.js';
import { addModelOptions } from './model-options.js';

/** Adds `labelcast model import` to the commands of `labelcast model`. */
export function addModelImport(group: Command): void {
  const command = explain(group.command('import'), IMPORT_HELP)
    .description('make a model package of an ONNX file that gives pictures a score for each label')
    .argument('<file>', 'the ONNX file; it is copied as it is')
    .requiredOption('-o, --output <dir>', 'the folder to make')
    .requiredOption('--labels <file>', 'text file: the labels in the order of the scores, one a line')
    .addOption(
      new Option(
        '--normalise <how>',
        "imagenet (timm's usual), half (-1 to 1), unit (0 to 1), none (0 to 255)",
      )
        .choices(['imagenet', 'half', 'unit', 'none'])
        .conflicts(['mean', 'std']),
    )
    .option('--mean <r,g,b>', 'in place of --normalise, with --std: of values from 0 to 1, or to 255', toMean)
    .option('--std <r,g,b>', 'what is divided by, after the mean', toStd)
    .addOption(
      new Option('--channels <order>', 'that the model takes (default: rgb)').choices(['rgb', 'bgr']),
    )
    .addOption(
      new Option('--layout <layout>', 'of its input').choices(['auto', 'nchw', 'nhwc']).default('auto'),
    )
    .option('--size <size>', 'of its pictures, N or WIDTHxHEIGHT, when it takes any', toSize)
    .addOption(
      new Option('--resize <how>', 'pictures into that size (default: squash)').choices([
        'squash',
        'letterbox',
      ]),
    )
    .addOption(
      new Option(
        '--interpolation <how>',
        'pictures are scaled (default: bilinear; most of timm: bicubic)',
      ).choices(['bilinear', 'bicubic', 'area', 'lanczos']),
    )
    .addOption(
      new Option('--activation <what>', 'that makes probabilities of what it gives')
        .choices(['auto', 'sigmoid', 'none'])
        .default('auto'),
    )
    .option('--scores <name>', 'the output that holds the scores, when there are several')
    .option('--enter <score>', 'at which a label begins (default: 0.5)', toProbability)
    .option('--exit <score>', 'below which it ends (default: 0.7 of the other)', toProbability)
    .option('--name <name>', 'of the model (default: that of the file)', toName)
    .option('--model-version <version>', 'of the model (default: 1.0.0)', toVersion)
    .option(
      '--licence <licence>',
      'of the model, any text, best an SPDX expression (default: not stated)',
      toLicence,
    );
  addModelOptions(command).action(async (file: string, flags: ImportFlags) => {
    const { importModel } = await import('./model/import.js');
    process.exitCode = await importModel(file, flags, process.stdout);
  });
}

/** Three numbers of red, green and blue, or in the order that the model takes. */
function toMean(text: string): Channels {
  const [a, b, c, ...more] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (a === undefined || b === undefined || c === undefined || more.length > 0 || !Number.isFinite(a + b + c))
    throw new InvalidArgumentError('Write three numbers: 0.485,0.456,0.406.');
  return [a, b, c];
}

function toStd(text: string): Channels {
  const channels = toMean(text);
  if (channels.every((value) => value > 0)) return channels;
  throw new InvalidArgumentError('Each must be above 0.');
}

function toSize(text: string): ImportFlags['size'] {
  const [, width, height] = /^(\d{1,4})(?:x(\d{1,4}))?$/.exec(text) ?? [];
  const size = { width: Number(width), height: Number(height ?? width) };
  if (Object.values(size).every((pixels) => pixels >= 1 && pixels <= 4096)) return size;
  throw new InvalidArgumentError('Write it as 224 or 640x384, at most 4096.');
}

function toProbability(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('It must be above 0 and below 1.');
}

function toName(text: string): string {
  if (/^[A-Za-z0-9._-]{1,80}$/.test(text)) return text;
  throw new InvalidArgumentError('Use 1-80 letters, digits, dots, dashes or underscores.');
}

function toVersion(text: string): string {
  if (text.trim() !== '' && text.length <= 40) return text;
  throw new InvalidArgumentError('Use 1-40 characters.');
}

function toLicence(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Write which: Apache-2.0.');
}

const IMPORT_HELP: CommandHelp = {
  examples: [
    {
      line: 'labelcast model import gates.onnx --labels gates.txt --normalise imagenet -o models/gates',
      does: 'a network of timm with a sigmoid for each label',
    },
    {
      line: 'labelcast model import tags.onnx --labels tags.txt --normalise none --channels bgr --size 448 -o models/tags',
      does: 'one that takes pixel values as OpenCV has them, of any size',
    },
  ],
  exits: [
    ['0', 'the package is made, and all is well with it'],
    ['1', 'it was made, did not score as it should, and was removed again'],
    ['2', 'nothing was made; the message says why and what to do'],
    ['130, 143', 'interrupted by Ctrl-C or SIGTERM; nothing was made'],
  ],
};
