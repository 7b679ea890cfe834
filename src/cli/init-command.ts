import type { Command } from 'commander';
import { type CommandHelp, explain } from './command-help.js';

/** Adds `labelcast init` to the program. */
export function addInit(program: Command): void {
  explain(program.command('init'), INIT_HELP)
    .description('write a configuration to begin with: every key with its meaning and default')
    .argument('[file]', 'where to; - for standard output', 'labelcast.yaml')
    .option('--force', 'replace the file when it is there')
    .action(async (file: string, flags: { readonly force?: boolean }) => {
      const { init } = await import('./init.js');
      await init(file, flags);
    });
}

const INIT_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast init', does: 'labelcast.yaml in this folder' },
    { line: 'labelcast init /etc/labelcast/', does: 'in another one' },
    { line: 'labelcast init - | less', does: 'only to read it' },
  ],
  exits: [
    ['0', 'it is written'],
    ['2', 'it could not be written, or there is such a file already'],
  ],
};
