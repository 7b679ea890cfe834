import type { Candidates, CompletedCommand, CompletedOption } from './candidates.js';

/** A script that completes labelcast in bash; it needs no other, and runs nothing of what is typed. */
export function toBashScript([program, ...commands]: readonly [
  CompletedCommand,
  ...CompletedCommand[],
]): string {
  const nested = commands.filter(({ name }) => name.includes(' '));
  return `# bash completion of labelcast, made by: labelcast completion bash
_labelcast() {
  local IFS=$' \\t\\n'
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command=\${COMP_WORDS[1]} words=
  COMPREPLY=()
  # --option=value is three words for bash
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  ((COMP_CWORD > 1)) || command=
  if ((COMP_CWORD > 2)); then
    case "$command \${COMP_WORDS[2]}" in
      ${nested.map(({ name }) => quote(name)).join(' | ')}) command+=" \${COMP_WORDS[2]}" ;;
    esac
  fi
  case $command:$previous in
${commands.flatMap((command) => command.options.flatMap((option) => toValueCase(command.name, option))).join('\n')}
    *)
      case $command:$current in
${[{ ...program, name: '' }, ...commands].flatMap(toWordCases).join('\n')}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
# without words, bash completes files
complete -o bashdefault -o default -F _labelcast labelcast
`;
}

function toValueCase(command: string, { names, value }: CompletedOption): string[] {
  if (value === null) return [];
  return [`    ${names.map((name) => quote(`${command}:${name}`)).join(' | ')}) ${toAction(value)} ;;`];
}

function toWordCases({ name, options, argument }: CompletedCommand): string[] {
  const flags = `words='${options.flatMap(({ names }) => names).join(' ')}'`;
  return [
    `        ${quote(`${name}:-`)}*) ${flags} ;;`,
    `        ${quote(`${name}:`)}*) ${argument === null ? flags : toAction(argument)} ;;`,
  ];
}

function toAction(candidates: Candidates): string {
  if (candidates === 'file') return 'return';
  if (candidates === 'folder') return 'compopt -o dirnames +o default +o bashdefault 2>/dev/null; return';
  if (candidates === 'unknown') return 'compopt +o default +o bashdefault 2>/dev/null; return';
  return `words='${candidates.join(' ')}'`;
}

/** A name as it stands in a pattern of `case`. */
function quote(name: string): string {
  return name.includes(' ') ? `'${name}'` : name;
}
