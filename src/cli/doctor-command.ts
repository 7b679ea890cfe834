import type { Command } from 'commander';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import { doctor } from './doctor.js';
import { SHIPPED_MODEL } from './package-files.js';

/** Adds `labelcast doctor` to the program. */
export function addDoctor(program: Command): void {
  withConfigFlags(program.command('doctor'))
    .showHelpAfterError('(labelcast doctor --help lists its options)')
    .description('check ffmpeg, model, execution provider and disk, and say how to mend what is wrong')
    .action(async (flags: ConfigFlags) => {
      const config = toConfig(flags);
      process.exitCode = await doctor(config, config.model.path ?? SHIPPED_MODEL, process.stdout);
    });
}
