import { type Command, Option } from 'commander';

/** Which numbers a model computes with; the configuration of a run has it too. */
export function toPrecisionOption(): Option {
  return new Option(
    '--precision <precision>',
    'bits of the numbers in the model; auto: 16 on cuda, else 32',
  ).choices(['auto', 'fp32', 'fp16']);
}

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
