import type { Command } from 'commander';
import { type CommandHelp, explain, USAGE_EXIT } from './command-help.js';
import { addModelCalibrate } from './model-calibrate-command.js';
import { addModelImport } from './model-import-command.js';
import { addModelOptions, toPrecisionOption } from './model-options.js';
import type { ModelAction, ModelFlags } from './model/model-flags.js';
import { SHIPPED_MODEL } from './package-files.js';

/** Adds `labelcast model` and its commands to the program; `version`: of labelcast. */
export function addModel(program: Command, version: string): void {
  const group = explain(program.command('model'), MODEL_HELP).description(
    'look at a model package, check all of it, measure it, fit it to your cameras, or make one of an ONNX file',
  );
  addAction(group, 'inspect', 'print what a model package says of itself', INSPECT_HELP);
  addAction(group, 'verify', 'check all of a model package: files, session, scores', VERIFY_HELP);
  addAction(group, 'bench', 'measure how long a model takes for a frame, by batch size', BENCH_HELP);
  addModelCalibrate(group, version);
  addModelImport(group);
}

function addAction(group: Command, action: ModelAction, does: string, help: CommandHelp): void {
  const command = explain(group.command(action), help)
    .description(does)
    .argument('[dir]', 'the folder of the package (default: the shipped model)');
  if (action !== 'inspect') command.addOption(toPrecisionOption());
  addModelOptions(command).action(async (dir: string | undefined, flags: ModelFlags) => {
    const { model } = await import('./model/model.js');
    process.exitCode = await model(action, dir ?? SHIPPED_MODEL, flags, process.stdout);
  });
}

const DONE = ['0', 'all is well'] as const;
const UNUSABLE = ['2', 'the package, or the device, cannot be used at all'] as const;

const INSPECT_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast model inspect', does: 'what the shipped model says of itself' },
    { line: 'labelcast model inspect models/gates --json', does: 'the manifest of another, for a program' },
  ],
  exits: [DONE, USAGE_EXIT],
};

const VERIFY_HELP: CommandHelp = {
  examples: [
    {
      line: 'labelcast model verify models/gates',
      does: 'whether a package is whole and scores as it should',
    },
    { line: 'labelcast model verify --device cuda', does: 'whether a GPU scores as the CPU did' },
  ],
  exits: [DONE, ['1', 'it can be used, and does not score as it should'], UNUSABLE],
};

const BENCH_HELP: CommandHelp = {
  columns: [
    ['batch', 'frames that a session takes at once; 1 alone where it runs them one by one'],
    ['sessions', 'copies of the model that run at the same time'],
    ['frames/s', 'frames scored a second, by all sessions together'],
    ['ms a frame', 'milliseconds that one session needs for a frame'],
    ['of the first', 'frames/s as a multiple of those of the first row'],
  ],
  examples: [
    { line: 'labelcast model bench', does: 'the shipped model on this machine' },
    { line: 'labelcast model bench models/gates --device cuda', does: 'another one on a GPU' },
  ],
  exits: [DONE, USAGE_EXIT],
};

const MODEL_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast model inspect', does: 'what the shipped model says of itself' },
    {
      line: 'labelcast model verify models/gates',
      does: 'whether a package is whole and scores as it should',
    },
    { line: 'labelcast model bench models/gates', does: 'how long it takes for a frame, by batch size' },
    {
      line: 'labelcast model import gates.onnx --labels gates.txt --normalise imagenet -o models/gates',
      does: 'a package of a model of your own',
    },
  ],
  exits: [DONE, ['1', 'verify, import: the model does not score as it should'], USAGE_EXIT],
};
