import { styleText } from 'node:util';
import { type Command, Help, type HelpConfiguration } from 'commander';
import { helpOf } from './command-help.js';
import { wrap } from './wrap.js';

/** Below this, a description stands under its term. */
const MIN_DESCRIPTION_WIDTH = 32;

/** Help with examples and exit statuses, no line of which is wider than the terminal. */
export const helpLayout: HelpConfiguration = {
  styleTitle: (title) => styleText('bold', title, { validateStream: false }),
  formatItem(term, termWidth, description, helper) {
    const width = this.helpWidth ?? 80;
    const besideWidth = width - termWidth - 4;
    if (besideWidth < MIN_DESCRIPTION_WIDTH)
      return [...wrap(term, width, '  '), ...wrap(description, width, '      ')].join('\n');
    const gap = ' '.repeat(termWidth - helper.displayWidth(term) + 2);
    return `  ${term}${gap}${wrap(description, besideWidth).join(`\n${' '.repeat(termWidth + 4)}`)}`;
  },
  formatHelp(command, helper) {
    const width = helper.helpWidth ?? 80;
    const text = Help.prototype.formatHelp.call(this, command, helper);
    return [...text.trimEnd().split('\n'), ...toExtras(command, helper)]
      .flatMap((line) => (helper.displayWidth(line) <= width ? [line] : wrap(line, width)))
      .map((line) => `${line}\n`)
      .join('');
  },
};

function toExtras(command: Command, helper: Help): string[] {
  const width = helper.helpWidth ?? 80;
  const { columns = [], examples, exits } = helpOf(command);
  return [
    ...toSection('Columns:', toItems(columns, helper), helper),
    ...toSection(
      'Examples:',
      examples.flatMap(({ line, does }) => [...wrap(does, width, '  # '), ...toShellLines(line, width)]),
      helper,
    ),
    ...toSection('Exit status:', toItems(exits, helper), helper),
  ];
}

function toItems(items: readonly (readonly [term: string, meaning: string])[], helper: Help): string[] {
  const termWidth = Math.max(0, ...items.map(([term]) => term.length));
  return items.flatMap(([term, meaning]) => helper.formatItem(term, termWidth, meaning, helper).split('\n'));
}

function toSection(title: string, lines: readonly string[], helper: Help): string[] {
  return lines.length === 0 ? [] : ['', helper.styleTitle(title), ...lines];
}

/** A command line, indented by two, in lines that a shell reads as one; only a word without room makes one too wide. */
export function toShellLines(command: string, width: number): string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const word of command.match(/(?:'[^']*'|\S)+/g) ?? []) {
    // room is kept for the backslash
    if (line.trim() !== '' && line.length + word.length + 3 > width) {
      lines.push(`${line} \\`);
      line = '   ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
