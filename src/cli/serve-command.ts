import { type Command, Option } from 'commander';
import { LOG_LEVELS } from '../log.js';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import { SHIPPED_MODEL } from './package-files.js';
import { serve, type ServeFlags } from './serve.js';

/** Adds `labelcast serve` to the program; `version`: of labelcast. */
export function addServe(program: Command, version: string): void {
  withConfigFlags(program.command('serve'))
    .showHelpAfterError('(labelcast serve --help lists its options)')
    .description('watch the streams of the config file around the clock, with metrics')
    .option('--check', 'only say whether config, model and files can be used, and what would be watched')
    .addOption(
      new Option('--log-level <level>', 'how much to say on stderr').choices(LOG_LEVELS).default('info'),
    )
    .addOption(new Option('--log-format <format>', 'how to say it').choices(['text', 'json']).default('text'))
    .action(async (flags: ServeFlags & ConfigFlags) => {
      const config = toConfig(flags);
      process.exitCode = await serve(config, {
        flags,
        modelDir: config.model.path ?? SHIPPED_MODEL,
        version,
      });
    });
}
