import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterAll } from '@jest/globals';
import xterm from '@xterm/headless';

/** Before each of them the screen is looked at, whatever came along with it. */
const ERASURE = /(?=\p{Cc}\[2K)/u;
/** What stands between output for one size and output for the next. */
const RESIZED = /(\p{Cc}\]resized;\d+;\d+\p{Cc})/u;
const temporary = mkdtempSync(join(tmpdir(), 'labelcast-terminal-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

interface TerminalOptions {
  readonly columns: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Called after each change of the screen, with what stands there. */
  readonly onScreen?: (lines: readonly string[], terminal: RunningTerminal) => void;
}

/** A terminal in use. */
export interface RunningTerminal {
  type(text: string): void;
  resize(columns: number, rows: number): void;
}

/** What a command left on its terminal. */
export interface TerminalRun {
  readonly status: number | null;
  /** With what has scrolled away, without trailing blanks and empty lines at the end. */
  readonly lines: readonly string[];
  /** What was drawn at any time. */
  readonly seen: readonly string[];
  /** Every byte that was sent. */
  readonly raw: string;
}

/** Runs a shell command, in which `labelcast` is the built one, on a real pseudo-terminal, emulated by xterm.js. */
export async function onTerminal(command: string, options: TerminalOptions): Promise<TerminalRun> {
  const { columns, rows = 24, env, onScreen } = options;
  const main = `${process.cwd()}/dist/src/cli/main.js`;
  const script = `labelcast() { ${JSON.stringify(process.execPath)} ${JSON.stringify(main)} "$@"; }; ${command}`;
  const child = spawn(
    '/usr/bin/python3',
    ['tests/services/pty_run.py', String(columns), String(rows), 'bash', '-c', script],
    {
      env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8', TMPDIR: temporary, ...env },
      stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    },
  );
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 });
  const sizes = child.stdio[3] as Writable;
  const running: RunningTerminal = {
    type: (text) => void child.stdin!.write(text),
    resize: (newColumns, newRows) => void sizes.write(`${newColumns} ${newRows}\n`),
  };
  for (const input of [child.stdin!, sizes]) input.on('error', () => {}); // the command has ended
  const seen = new Set<string>();
  let raw = '';
  let drawn = Promise.resolve();
  const draw = async (piece: string): Promise<void> => {
    await new Promise<void>((resolve) => screen.write(piece, resolve));
    const lines = toLines(screen);
    for (const line of lines) seen.add(line);
    onScreen?.(lines, running);
  };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    for (const part of text.split(RESIZED)) {
      const size = RESIZED.test(part) ? part.match(/\d+/g)!.map(Number) : null;
      if (size !== null) drawn = drawn.then(() => screen.resize(size[0]!, size[1]!));
      else raw += part;
      if (size === null) for (const piece of part.split(ERASURE)) drawn = drawn.then(() => draw(piece));
    }
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  await drawn;
  return { status, lines: toLines(screen), seen: [...seen], raw };
}

function toLines(screen: InstanceType<typeof xterm.Terminal>): string[] {
  const { active } = screen.buffer;
  const lines = Array.from({ length: active.length }, (_, n) => active.getLine(n)!.translateToString(true));
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}
