import { Argument, type Command, Option } from 'commander';
import { type CommandHelp, explain, USAGE_EXIT } from './command-help.js';
import { MODEL_ACTIONS, type ModelAction, type ModelFlags } from './model/model-flags.js';
import { SHIPPED_MODEL } from './package-files.js';

/** Adds `labelcast model` to the program. */
export function addModel(program: Command): void {
  explain(program.command('model'), MODEL_HELP)
    .description('look at a model package, check all of it, or measure it')
    .addArgument(new Argument('<action>', 'what to do').choices(MODEL_ACTIONS))
    .argument('[dir]', 'the folder of the package (default: the shipped model)')
    .addOption(
      new Option('--device <device>', 'execution provider')
        .choices(['auto', 'cpu', 'cuda', 'webgpu'])
        .default('auto'),
    )
    .option('--json', 'one JSON object on stdout')
    .action(async (action: ModelAction, dir: string | undefined, flags: ModelFlags) => {
      const { model } = await import('./model/model.js');
      process.exitCode = await model(action, dir ?? SHIPPED_MODEL, flags, process.stdout);
    });
}

const MODEL_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast model inspect', does: 'what the shipped model says of itself' },
    {
      line: 'labelcast model verify models/gates',
      does: 'whether a package is whole and scores as it should',
    },
    { line: 'labelcast model bench models/gates', does: 'how long it takes for a frame, by batch size' },
  ],
  exits: [['0', 'all is well'], ['1', 'verify: something is wrong with the package'], USAGE_EXIT],
};
