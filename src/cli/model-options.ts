import { type Command, Option } from 'commander';

/** The options of every command that runs a model. */
export function addModelOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--device <device>', 'execution provider')
        .choices(['auto', 'cpu', 'cuda', 'webgpu'])
        .default('auto'),
    )
    .option('--json', 'one JSON object on stdout');
}
