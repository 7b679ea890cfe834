import type { Argument, Command, Option } from 'commander';

/** What may stand in a place: one of some words, a file, a folder, or what no shell can know. */
export type Candidates = readonly string[] | 'file' | 'folder' | 'unknown';

export interface CompletedOption {
  /** `-o` and `--output`, or one of them. */
  readonly names: readonly string[];
  readonly description: string;
  /** Of its value; null: it takes none. */
  readonly value: Candidates | null;
  readonly isRepeated: boolean;
}

export interface CompletedCommand {
  /** What is typed after `labelcast`: `tag`, `model import`. */
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** Of its arguments; null: it takes none. */
  readonly argument: Candidates | null;
}

/** The program itself and each command, those of commands before the ones they belong to, as their help shows them. */
export function toCompleted(program: Command): [CompletedCommand, ...CompletedCommand[]] {
  const commands = program.createHelp().visibleCommands(program);
  const names = commands.map((command) => command.name());
  const completed = commands.flatMap((command) => [
    ...command.commands.map((one) => ({
      ...toCommand(one, names),
      name: `${command.name()} ${one.name()}`,
    })),
    toCommand(command, names),
  ]);
  return [{ ...toCommand(program, names), argument: names }, ...completed];
}

function toCommand(command: Command, names: readonly string[]): CompletedCommand {
  const help = command.createHelp();
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: help.subcommandDescription(command),
    options: help.visibleOptions(command).map(toOption),
    argument: argument === undefined ? toSubcommands(command) : toArgument(argument, names),
  };
}

function toSubcommands({ commands }: Command): Candidates | null {
  return commands.length === 0 ? null : commands.map((command) => command.name());
}

function toOption(option: Option): CompletedOption {
  const takesValue = option.required || option.optional;
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    description: option.description,
    value: takesValue ? (option.argChoices ?? kindOf(/[<[](\w+)/.exec(option.flags)?.[1])) : null,
    isRepeated: option.variadic || option.description.includes('repeated'),
  };
}

function toArgument(argument: Argument, commands: readonly string[]): Candidates {
  return argument.name() === 'command' ? commands : (argument.argChoices ?? kindOf(argument.name()));
}

/** By the word that stands for a value in help. */
const KINDS: Readonly<Record<string, Candidates>> = {
  dir: 'folder',
  file: 'file',
  input: 'file',
  journal: 'file',
  path: 'file',
  source: 'file',
};

function kindOf(placeholder = ''): Candidates {
  return KINDS[placeholder] ?? 'unknown';
}
