// The manual pages, in man(7), made from the definitions of the commands.
import wrapAnsi from 'wrap-ansi';
import { helpOf, toTyped, withCommands } from '../dist/src/cli/command-help.js';
import { toShellLines } from '../dist/src/cli/help-layout.js';
import { createProgram } from '../dist/src/cli/program.js';

/** File → text: labelcast(1), and labelcast-NAME(1) of each command, labelcast-NAME-NAME(1) of each of its own. `date`: YYYY-MM-DD. */
export function toManPages(date) {
  const all = withCommands(createProgram());
  return all.map((command) => [`man/${toName(command)}.1`, toPage(command, { all, date })]);
}

function toPage(command, { all, date }) {
  const [program] = all;
  const help = command.createHelp();
  const name = toName(command);
  const { columns = [], examples, exits } = helpOf(command);
  const lines = [
    `.\\" Made by npm run docs; do not edit.`,
    `.TH ${name.toUpperCase()} 1 ${date} "labelcast ${program.version()}" "labelcast manual"`,
    // no word is broken, as names of commands and options would be
    '.nh',
    '.ad l',
    ...section('NAME', ...prose(`${name} - ${lowerFirst(command.description()).replace(/\.$/, '')}`)),
    ...section('SYNOPSIS', `\\fB${escape(help.commandUsage(command)).replace(/ (?=[[<])/, '\\fR ')}\\fR`),
    ...section('DESCRIPTION', ...prose(`${upperFirst(command.description()).replace(/\.$/, '')}.`)),
    ...items('ARGUMENTS', help.visibleArguments(command), (one) => [
      italic(one.name()),
      help.argumentDescription(one),
    ]),
    ...items('COMMANDS', command.commands, (one) => [`\\fB${escape(toName(one))}\\fR(1)`, one.description()]),
    ...items('OPTIONS', help.visibleOptions(command), (one) => [
      toFlags(one.flags),
      help.optionDescription(one),
    ]),
    ...items('COLUMNS', columns, ([heading, meaning]) => [bold(heading), meaning]),
    ...items('ENVIRONMENT', command === program ? ENVIRONMENT : [], ([key, text]) => [bold(key), text]),
    ...section('EXAMPLES', ...examples.flatMap(toExample).slice(1)),
    ...items('EXIT STATUS', exits, ([status, meaning]) => [bold(status), meaning]),
    ...section('SEE ALSO', ...toList(all.filter((one) => one !== command).map(toName))),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const ENVIRONMENT = [
  ['LABELCAST_…', 'the keys of the configuration: LABELCAST_SAMPLING_FPS sets sampling.fps'],
  ['FFMPEG_PATH', 'the ffmpeg to run, unless the configuration names one'],
  ['NO_COLOR, FORCE_COLOR', 'without colours; with them where it is no terminal'],
  ['TMPDIR', 'where `tag` keeps its journal when it is not told where'],
];

function toName(command) {
  return toTyped(command).replaceAll(' ', '-');
}

function section(title, ...lines) {
  return lines.length === 0 ? [] : [`.SH ${title}`, ...lines];
}

/** Terms, each with its text below it. */
function items(title, list, toItem) {
  return section(
    title,
    ...list.flatMap((one) => {
      const [term, text] = toItem(one);
      return ['.TP', term, ...prose(text)];
    }),
  );
}

function toExample({ line, does }) {
  return [
    '.PP',
    ...prose(`${upperFirst(does)}:`),
    '.PP',
    '.RS 4',
    '.nf',
    ...toCommandLines(line),
    '.fi',
    '.RE',
  ];
}

function toCommandLines(line) {
  return toShellLines(line, 76).map((one) => escape(one.slice(2)));
}

function toFlags(flags) {
  return flags
    .split(/(<[^>]+>|, )/)
    .map((part) =>
      part.startsWith('<')
        ? italic(part)
        : part === ', '
          ? part
          : bold(part.trim()) + (part.endsWith(' ') ? ' ' : ''),
    )
    .join('');
}

function toList(names) {
  return names.map((one, n) => `.BR ${escape(one)} (1)${n < names.length - 1 ? ',' : ''}`);
}

/** Input lines of at most 80 bytes, as mandoc wants them. */
function prose(text) {
  return wrapAnsi(text, 72).split('\n').map(escape);
}

function bold(text) {
  return text === '' ? '' : `\\fB${escape(text)}\\fR`;
}

function italic(text) {
  return `\\fI${escape(text)}\\fR`;
}

/** Nothing in a text steers roff; a dash is one that can be copied into a shell. */
function escape(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '\\&...')
    .replace(/^[.']/, '\\&$&');
}

function upperFirst(text) {
  return text[0].toUpperCase() + text.slice(1);
}

function lowerFirst(text) {
  return text[0].toLowerCase() + text.slice(1);
}
