import type { Command } from 'commander';
import { type CommandHelp, ENDED_EXITS, explain } from './command-help.js';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import type { ExplainFlags } from './explain.js';
import { toMoment, toMoreNames } from './option-values.js';
import { SHIPPED_MODEL } from './package-files.js';

/** Adds `labelcast explain` to the program; `version`: of labelcast. */
export function addExplain(program: Command, version: string): void {
  explain(withConfigFlags(program.command('explain')), EXPLAIN_HELP)
    .description('draw why segments of a label began in a clip, or did not')
    .argument('<input>', 'a video')
    .requiredOption(
      '--label <names>',
      'the labels in question, separated by commas; may be repeated',
      toMoreNames,
    )
    .option(
      '-o, --output <file>',
      'the picture, .svg or .html, or its folder (default: CLIP.LABEL.svg in this one)',
    )
    .option('--from <time>', 'show only what is after this time of the clip, such as 75 or 1:15', toMoment)
    .option('--to <time>', 'show only what is before this time', toMoment)
    .option('--force', 'replace a picture that is there')
    .option('--json', 'one JSON object on stdout, with every observation')
    .option('--no-progress', 'no progress line')
    .action(async (input: string, flags: ExplainFlags & ConfigFlags) => {
      const command = await import('./explain.js');
      const config = await toConfig(flags);
      const modelDir = config.model.path ?? SHIPPED_MODEL;
      process.exitCode = await command.explain(input, flags, { config, modelDir, version });
    });
}

const EXPLAIN_HELP: CommandHelp = {
  columns: [
    ['time', 'in the clip'],
    ['score', 'of the picture at that time, as the model gave it'],
    ['average', 'of scores, which decides'],
    ['what', 'happened to the label'],
    ['why', 'it did, with the setting that is to be turned'],
  ],
  examples: [
    { line: 'labelcast explain clip.mp4 --label dog', does: 'a table, and clip.dog.svg to look at' },
    {
      line: 'labelcast explain clip.mp4 --label dog,cat -c labelcast.yaml -o why.html',
      does: 'two labels with other settings, as a page',
    },
    {
      line: 'labelcast explain clip.mp4 --label dog --from 0:05 --to 0:12 -o part.svg',
      does: 'only these seconds, larger',
    },
    {
      line: `labelcast explain clip.mp4 --label dog --json --force | jq -r '.labels[].summary'`,
      does: 'what became of a label in a sentence, for a program',
    },
  ],
  exits: [
    ['0', 'it is drawn'],
    ['1', 'the clip could not be read, or not to its end; what could be is drawn'],
    ['2', 'flags, configuration, model or clip are unusable; nothing was drawn'],
    ...ENDED_EXITS,
  ],
};
