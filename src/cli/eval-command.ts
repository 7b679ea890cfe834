import type { Command } from 'commander';
import { type CommandHelp, ENDED_EXITS, explain } from './command-help.js';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import type { EvalFlags } from './eval.js';
import { toNames } from './option-values.js';
import { SHIPPED_MODEL } from './package-files.js';

/** Adds `labelcast eval` to the program; `version`: of labelcast. */
export function addEval(program: Command, version: string): void {
  explain(withConfigFlags(program.command('eval')), EVAL_HELP)
    .description('measure how right and how steady labels are, against what is known to be in clips')
    .argument('<input...>', 'videos, which are tagged, or events.ndjson or segments.csv of `tag -o`')
    .option(
      '--truth <file>',
      'what is to be seen in the one input: .json, .csv or .vtt (default: NAME.truth.json, .csv or .vtt beside each)',
    )
    .option('--labels <names>', 'judge only these labels, separated by commas', toNames)
    .option('--by-label', 'each label by itself too, what went wrong most often first')
    .option('--json', 'one JSON object on stdout')
    .option('--no-progress', 'no progress line')
    .action(async (inputs: string[], flags: EvalFlags & ConfigFlags) => {
      const { evaluate } = await import('./eval.js');
      const config = await toConfig(flags);
      const modelDir = config.model.path ?? SHIPPED_MODEL;
      process.exitCode = await evaluate(inputs, flags, { config, modelDir, version });
    });
}

const EVAL_HELP: CommandHelp = {
  columns: [
    ['flicker', 'surplus state changes a minute of a label'],
    ['F1@10, F1@25, F1@50', 'F1 of segments, those that overlap a true one by so many percent; of 100'],
    ['edit score', 'how alike the orders of on and off are, whenever they are; of 100'],
    ['onset latency', 'from the true start until a segment is sure: median, 95th percentile'],
    ['start error', 'how far the stated start is off: median, 95th percentile'],
    ['missed', 'true segments not hit at an intersection over union of 0.1; each found one hits one at most'],
    ['false starts', 'found segments an hour that overlap no true one'],
    [
      'frame mAP',
      'mean average precision of the scores of frames, before and after they are averaged; of 100',
    ],
  ],
  examples: [
    { line: 'labelcast eval clip.mp4 --truth clip.csv', does: 'tag a clip, and compare' },
    { line: 'labelcast eval labelled/', does: 'a folder of clips, each with NAME.truth.csv beside it' },
    {
      line: 'labelcast eval tagged/events.ndjson --truth clip.csv --json | jq .all.segments.f1',
      does: 'what a run of labelcast tag found, for a program',
    },
  ],
  exits: [
    ['0', 'all is measured'],
    ['1', 'a clip could not be tagged to its end, or is too short; the others are measured'],
    ['2', 'flags, configuration, model or truth are unusable; nothing was measured'],
    ...ENDED_EXITS,
  ],
};
