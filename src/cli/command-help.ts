import type { Command } from 'commander';

/** What help and manual page say of a command beside its options. */
export interface CommandHelp {
  /** Columns of the table that it prints, with their meaning. */
  readonly columns?: readonly (readonly [heading: string, meaning: string])[];
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Exit statuses, one or several that mean the same, with their meaning. */
  readonly exits: readonly (readonly [status: string, meaning: string])[];
}

/** Of every command: nothing was started. */
export const USAGE_EXIT = ['2', 'flags, configuration or model are unusable; nothing was started'] as const;
/** Of every command that prints data and stops at a signal. */
export const ENDED_EXITS = [
  ['130, 143', 'interrupted by Ctrl-C or SIGTERM'],
  ['141', 'the reader of standard output went away'],
] as const;

const helps = new WeakMap<Command, CommandHelp>();

/** Adds examples and exit statuses to the help of a command, which is returned. */
export function explain(command: Command, help: CommandHelp): Command {
  helps.set(command, help);
  return command;
}

/** The examples and exit statuses of a command; none when it has not been explained. */
export function helpOf(command: Command): CommandHelp {
  return helps.get(command) ?? { examples: [], exits: [] };
}

/** The words that start a command: `labelcast model verify`. */
export function toTyped(command: Command): string {
  return command.parent === null ? command.name() : `${toTyped(command.parent)} ${command.name()}`;
}

/** A program and the commands of a shell's lines, those of commands included, each after its parent. */
export function withCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withCommands)];
}
