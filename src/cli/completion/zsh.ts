import type { Candidates, CompletedCommand, CompletedOption } from './candidates.js';

/** A script that completes labelcast in zsh: a file `_labelcast` of `fpath`, or to be sourced after compinit. */
export function toZshScript([program, ...commands]: readonly [
  CompletedCommand,
  ...CompletedCommand[],
]): string {
  const outer = commands.filter(({ name }) => !name.includes(' '));
  const nested = commands.filter(({ name }) => name.includes(' '));
  return `#compdef labelcast
# zsh completion of labelcast, made by: labelcast completion zsh
_labelcast() {
  local curcontext=$curcontext state line
  local -A opt_args
  _arguments -C -S ${toSpecs({ ...program, argument: null })} '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${outer.map(({ name, description }) => `        ${quote(`${name}:${description}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    rest)
      if (( CURRENT > 2 )) && [[ "$words[1] $words[2]" == (${nested.map(({ name }) => quote(name)).join('|')}) ]]; then
        words[1]="$words[1] $words[2]"
        words[2]=()
        (( CURRENT-- ))
      fi
      case $words[1] in
${commands.map((command) => `        ${quote(command.name)}) _arguments -S ${toSpecs(command)} ;;`).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _labelcast ]]; then
  _labelcast "$@"
else
  compdef _labelcast labelcast
fi
`;
}

function toSpecs({ options, argument }: CompletedCommand): string {
  const specs = options.map(toSpec);
  return [...specs, ...(argument === null ? [] : [quote(`*: :${toAction(argument)}`)])].join(' ');
}

function toSpec({ names, description, value, isRepeated }: CompletedOption): string {
  const others = isRepeated ? '*' : `(${names.join(' ')})`;
  const forms = names.map((name) =>
    value === null ? name : name.startsWith('--') ? `${name}=` : `${name}+`,
  );
  const action = value === null ? '' : `: :${toAction(value)}`;
  const text = `[${description.replaceAll(/[[\]\\]/g, String.raw`\$&`)}]${action}`;
  const name = forms.length === 1 ? quote(forms[0]!) : `{${forms.join(',')}}`;
  return `${quote(others)}${name}${quote(text)}`;
}

function toAction(candidates: Candidates): string {
  if (candidates === 'file') return '_files';
  if (candidates === 'folder') return '_files -/';
  return candidates === 'unknown' ? ' ' : `(${candidates.join(' ')})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
