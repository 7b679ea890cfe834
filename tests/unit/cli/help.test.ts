import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { helpOf, toTyped, withCommands } from '../../../src/cli/command-help.js';
import { createProgram } from '../../../src/cli/program.js';

/** The program itself and its commands, by what is typed after `labelcast`. */
function commandsOf(program = createProgram()): [string, typeof program][] {
  return withCommands(program).map((one) => [toTyped(one).replace(/^labelcast ?/, ''), one]);
}

const names = commandsOf().map(([name]) => name);

function toHelp(name: string, width: number): string {
  const [, command] = commandsOf().find(([one]) => one === name)!;
  command.configureOutput({ getOutHelpWidth: () => width, getOutHasColors: () => false });
  return command.helpInformation();
}

test.each(names)('labelcast %s --help: what it does, examples, exit statuses', (name) => {
  const [, command] = commandsOf().find(([one]) => one === name)!;
  const { examples, exits } = helpOf(command);
  expect(command.description()).toMatch(/\w{3}/);
  expect(examples.length).toBeGreaterThan(1);
  expect(exits.length).toBeGreaterThan(1);
  const help = toHelp(name, 200);
  for (const { line, does } of examples) expect(help).toContain(`  # ${does}\n  ${line}\n`);
  for (const [status, meaning] of exits) expect(help).toMatch(new RegExp(`^ {2}${status} +${meaning}$`, 'm'));
});

test('labelcast model bench --help says what each column of its table is', () => {
  expect(toHelp('model bench', 80)).toContain(`
Columns:
  batch         frames that a session takes at once; 1 alone where it runs them
                one by one
  sessions      copies of the model that run at the same time
  frames/s      frames scored a second, by all sessions together
  ms a frame    milliseconds that one session needs for a frame
  of the first  frames/s as a multiple of those of the first row

Examples:
`);
});

test.each(names)('the examples of labelcast %s --help are command lines that it takes', async (name) => {
  const { examples } = helpOf(commandsOf().find(([one]) => one === name)![1]);
  for (const { line } of examples) {
    const [first, ...args] = line.split(/ (?:[|>]|>>) /)[0]!.split(' ');
    const program = createProgram();
    const ran: string[] = [];
    for (const [typed, command] of commandsOf(program))
      if (command.commands.length === 0) command.action(() => void ran.push(typed));
    await program.parseAsync(args, { from: 'user' });
    expect([first, ran]).toEqual(['labelcast', [expect.stringMatching(new RegExp(`^${args[0]}`))]]);
    if (name !== '') expect(examples.some((one) => one.line.startsWith(`labelcast ${name}`))).toBe(true);
  }
});

test.each([20, 40, 60, 80, 200])('on %d columns no line of help is wider, and no word is lost', (width) => {
  for (const name of names) {
    const help = toHelp(name, width);
    expect(help.split('\n').filter((line) => line.length > width)).toEqual([]);
    const toLetters = (text: string) => text.replaceAll(/[\s\\#]/g, '');
    expect(toLetters(help)).toBe(toLetters(toHelp(name, 10_000)));
  }
});

test('a wrapped example is one command line for a shell', () => {
  expect(toHelp('tag', 60)).toContain(
    '\n  labelcast tag rtsp://user:password@10.0.0.5/stream1 \\\n    --duration 10m\n',
  );
});

test('help loads no library but those that lay it out, so that it is there at once', () => {
  const files = new Set(['dist/src/cli/main.js']);
  const packages = new Set<string>();
  for (const file of files) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?:[^;=]+ from )?'([^']+)';/gm,
    )) {
      if (name!.startsWith('.')) files.add(join(dirname(file), name!));
      else if (!name!.startsWith('node:')) packages.add(name!);
    }
  }
  expect([...files]).toContain('dist/src/cli/tag-command.js');
  expect([...packages].sort()).toEqual(['commander', 'wrap-ansi']);
});
