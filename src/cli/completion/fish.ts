import type { Candidates, CompletedCommand, CompletedOption } from './candidates.js';

/** A script that completes labelcast in fish. */
export function toFishScript([program, ...commands]: readonly [
  CompletedCommand,
  ...CompletedCommand[],
]): string {
  const outer = commands.filter(({ name }) => !name.includes(' '));
  const nested = commands.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' '));
  const lines = [
    '# fish completion of labelcast, made by: labelcast completion fish',
    'complete -c labelcast -f',
    ...program.options.map((option) => toLine('__fish_use_subcommand', toOption(option))),
    ...outer.map(({ name, description }) =>
      toLine('__fish_use_subcommand', `-a ${name} -d ${quote(description)}`),
    ),
    ...commands.flatMap(({ name, options, argument }) => {
      const condition = toCondition(name, nested);
      return [
        ...(argument === null ? [] : [toLine(condition, toValue(argument))]),
        ...options.map((option) => toLine(condition, toOption(option))),
      ];
    }),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether a command has been typed, and none of its own after it. */
function toCondition(name: string, nested: readonly (readonly string[])[]): string {
  const seen = name.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
  const own = nested.filter(([outer]) => outer === name).map(([, inner]) => inner);
  return [...seen, ...(own.length === 0 ? [] : [`not __fish_seen_subcommand_from ${own.join(' ')}`])].join(
    '; and ',
  );
}

function toLine(condition: string, rest: string): string {
  return `complete -c labelcast -n ${quote(condition)} ${rest}`;
}

function toOption({ names, description, value }: CompletedOption): string {
  const forms = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const parts = value === null ? forms : [...forms, '-r', toValue(value)];
  return [...parts, '-d', quote(description)].join(' ');
}

function toValue(candidates: Candidates): string {
  if (candidates === 'file') return '-F';
  if (candidates === 'folder') return "-f -a '(__fish_complete_directories)'";
  return candidates === 'unknown' ? '-f' : `-f -a ${quote(candidates.join(' '))}`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
