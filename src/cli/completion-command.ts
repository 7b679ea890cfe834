import type { Command } from 'commander';
import { type CommandHelp, explain } from './command-help.js';
import { toBashScript } from './completion/bash.js';
import { toCompleted } from './completion/candidates.js';
import { toFishScript } from './completion/fish.js';
import { toZshScript } from './completion/zsh.js';

const SCRIPTS = { bash: toBashScript, zsh: toZshScript, fish: toFishScript } as const;

/** Adds `labelcast completion` to the program. */
export function addCompletion(program: Command): void {
  const shells = Object.keys(SCRIPTS);
  explain(program.command('completion'), COMPLETION_HELP)
    .description('print a script with which a shell completes commands, options and files')
    .addArgument(program.createArgument('<shell>', 'which shell').choices(shells))
    .action((shell: keyof typeof SCRIPTS) => {
      process.stdout.write(SCRIPTS[shell](toCompleted(program)));
    });
}

const COMPLETION_HELP: CommandHelp = {
  examples: [
    {
      line: 'labelcast completion bash > ~/.local/share/bash-completion/completions/labelcast',
      does: 'bash, with its package bash-completion',
    },
    { line: 'labelcast completion bash >> ~/.bashrc', does: 'bash, without it' },
    {
      line: 'labelcast completion zsh > ~/.zfunc/_labelcast',
      does: 'zsh, with fpath+=(~/.zfunc) before compinit in ~/.zshrc',
    },
    { line: 'labelcast completion fish > ~/.config/fish/completions/labelcast.fish', does: 'fish' },
  ],
  exits: [
    ['0', 'it is printed'],
    ['2', 'no such shell is known'],
  ],
};
