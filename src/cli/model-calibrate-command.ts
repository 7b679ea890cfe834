import { type Command, InvalidArgumentError } from 'commander';
import { type CommandHelp, ENDED_EXITS, explain } from './command-help.js';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import type { CalibrateFlags } from './model/calibrate.js';
import { toNames, toSeconds } from './option-values.js';
import { SHIPPED_MODEL } from './package-files.js';

/** Adds `labelcast model calibrate` to the commands of `labelcast model`; `version`: of labelcast. */
export function addModelCalibrate(group: Command, version: string): void {
  explain(withConfigFlags(group.command('calibrate')), CALIBRATE_HELP)
    .description('choose thresholds and times for your own cameras, by clips or photos whose labels you know')
    .argument('[clip...]', 'videos, each with NAME.truth.json, NAME.truth.csv or NAME.truth.vtt beside it')
    .option('--truth <file>', 'what is to be seen in the one clip')
    .option('--photos <file>', 'in place of clips: CSV with file and labels (separated by ;) of photos')
    .option('--labels <names>', 'only these labels, separated by commas', toNames)
    .option(
      '--write <place>',
      'into the configuration file that -c names, a new one, or the folder of the model package',
    )
    .option('--budget <n>', 'how many settings are tried', toBudget, 300)
    .option(
      '--latest <seconds>',
      'a start is sure so long after its label was first seen, in 95 of 100 cases',
      toSeconds,
      1.8,
    )
    .option('--json', 'one JSON object on stdout')
    .option('--no-progress', 'no progress line')
    .action(async (clips: string[], flags: CalibrateFlags & ConfigFlags) => {
      const { calibrateModel } = await import('./model/calibrate.js');
      const config = await toConfig(flags);
      const modelDir = config.model.path ?? SHIPPED_MODEL;
      process.exitCode = await calibrateModel(clips, flags, { config, modelDir, version });
    });
}

function toBudget(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= 100_000) return value;
  throw new InvalidArgumentError('It is a whole number from 1 to 100000.');
}

const CALIBRATE_HELP: CommandHelp = {
  columns: [
    ['*', 'what is chosen'],
    ['F1@25', 'F1 of segments that overlap a true one by 25 percent, on parts not used to choose; of 100'],
    ['flicker', 'surplus state changes a minute of a label'],
    [
      'start late by',
      'from when a label was first seen, not its true start, until it was sure: median, 95th percentile',
    ],
    ['false starts', 'found segments an hour that overlap no true one'],
    ['missed', 'true segments not hit at an intersection over union of 0.1'],
  ],
  examples: [
    {
      line: 'labelcast model calibrate gate-2.mp4 -c labelcast.yaml --write labelcast.yaml',
      does: 'settings for a camera, into its configuration',
    },
    {
      line: 'labelcast model calibrate labelled/ --model models/gates --write models/gates',
      does: 'the defaults of a model of your own',
    },
    {
      line: 'labelcast model calibrate --photos photos.csv --labels cat,dog > smoothing.yaml',
      does: 'thresholds by photos, to look at',
    },
  ],
  exits: [
    ['0', 'it is done; where nothing would be gained, nothing is changed'],
    ['1', 'a clip could not be tagged to its end; the others were used'],
    [
      '2',
      'flags, configuration, model or truth are unusable, or too little is labelled; nothing was changed',
    ],
    ...ENDED_EXITS,
  ],
};
