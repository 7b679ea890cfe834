import type { Command } from 'commander';
import { type CommandHelp, explain } from './command-help.js';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import { SHIPPED_MODEL } from './package-files.js';

/** Adds `labelcast doctor` to the program. */
export function addDoctor(program: Command): void {
  explain(withConfigFlags(program.command('doctor')), DOCTOR_HELP)
    .description('check ffmpeg, model, execution provider and disk, and say how to mend what is wrong')
    .action(async (flags: ConfigFlags) => {
      const { doctor } = await import('./doctor.js');
      const config = await toConfig(flags);
      process.exitCode = await doctor(config, config.model.path ?? SHIPPED_MODEL, process.stdout);
    });
}

const DOCTOR_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast doctor', does: 'whether this machine can tag' },
    {
      line: 'labelcast doctor -c labelcast.yaml --device cuda',
      does: 'with a configuration and a graphics card',
    },
  ],
  exits: [
    ['0', 'nothing keeps labelcast from working; there may be warnings'],
    ['1', 'something does'],
    ['2', 'flags or configuration are unusable'],
  ],
};
