import { type Command, Option } from 'commander';
import { type CommandHelp, explain } from './command-help.js';
import { LOG_LEVELS } from '../log-levels.js';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import { SHIPPED_MODEL } from './package-files.js';
import type { ServeFlags } from './serve.js';

/** Adds `labelcast serve` to the program; `version`: of labelcast. */
export function addServe(program: Command, version: string): void {
  explain(withConfigFlags(program.command('serve')), SERVE_HELP)
    .description('watch the streams of the config file around the clock, with metrics')
    .option('--check', 'only say whether config, model and files can be used, and what would be watched')
    .addOption(
      new Option('--log-level <level>', 'how much to say on stderr').choices(LOG_LEVELS).default('info'),
    )
    .addOption(new Option('--log-format <format>', 'how to say it').choices(['text', 'json']).default('text'))
    .action(async (flags: ServeFlags & ConfigFlags) => {
      const { serve } = await import('./serve.js');
      const config = await toConfig(flags);
      process.exitCode = await serve(config, {
        flags,
        modelDir: config.model.path ?? SHIPPED_MODEL,
        version,
      });
    });
}

const SERVE_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast init', does: 'a configuration to begin with' },
    {
      line: 'labelcast serve -c labelcast.yaml --check',
      does: 'whether it can be used, and what would be watched',
    },
    {
      line: 'labelcast serve -c labelcast.yaml',
      does: 'watch until it is stopped; http://127.0.0.1:8080/metrics tells how it goes',
    },
    { line: 'labelcast serve -c labelcast.yaml --log-format json', does: 'a log for Loki and others' },
  ],
  exits: [
    ['0', '--check: it can be used'],
    ['1', 'it could not go on'],
    ['2', 'flags, configuration, model or journal are unusable; no stream was watched'],
    ['130, 143', 'stopped by Ctrl-C or SIGTERM; the next start goes on where this one ended'],
  ],
};
