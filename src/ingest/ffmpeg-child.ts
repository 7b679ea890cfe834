import { execFile, type ChildProcess } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import ffmpeg from 'fluent-ffmpeg';
import { ByteReader } from './byte-reader.js';

/** What to run: options before `-i`, the input, options after it. Output goes to stdout. */
export interface FfmpegRun {
  readonly path: string;
  readonly inputOptions: readonly string[];
  readonly input: string;
  readonly outputOptions: readonly string[];
  /** Called for each line of stderr, in order, without its line break. */
  readonly onLine: (line: string) => void;
  /** How long a child may take to end after being asked to, before it is killed; default 2000. */
  readonly killAfterMs?: number;
}

/** How the child ended; `spawnError` when it never ran. */
export interface FfmpegExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly spawnError: Error | null;
}

/** A running ffmpeg. Unread output holds it back. */
export interface FfmpegChild {
  readonly output: ByteReader;
  /** Resolves, never rejects, when the process is gone and all of stderr was handed to `onLine`. */
  readonly exit: Promise<FfmpegExit>;
  /** Ends it if it still runs, and waits for its end. */
  close(): Promise<void>;
}

/**
 * Starts ffmpeg. When `signal` aborts or the child is closed, it gets SIGTERM and, `killAfterMs` after that, SIGKILL; before
 * the process exists, as soon as it does.
 */
export function openFfmpeg(run: FfmpegRun, signal: AbortSignal): FfmpegChild {
  const output = new ByteReader();
  if (signal.aborted) return neverStarted(output);
  const command = toCommand(run, output);
  const exit = command.exit.finally(() => signal.removeEventListener('abort', command.stop));
  signal.addEventListener('abort', command.stop, { once: true });
  return {
    output,
    exit,
    async close() {
      command.stop();
      await exit;
    },
  };
}

function neverStarted(output: ByteReader): FfmpegChild {
  output.end();
  const exit = Promise.resolve({ code: null, signal: null, spawnError: null });
  return { output, exit, close: () => Promise.resolve() };
}

function toCommand(run: FfmpegRun, output: ByteReader): { exit: Promise<FfmpegExit>; stop: () => void } {
  const command = ffmpeg({ source: run.input, stdoutLines: 1 });
  // Two arguments at least: a single one is split at its space.
  command.inputOptions('-hide_banner', '-nostdin', ...run.inputOptions);
  // A target in name only, which makes fluent-ffmpeg write to stdout: its data are read from there, without a second stream.
  // Without emitClose: fluent-ffmpeg takes 'close' of its target for an early end and kills a child that is still exiting.
  const target = new PassThrough({ emitClose: false });
  command.output(target).outputOptions(...run.outputOptions, '-nostats');
  const state: { child: ChildProcess | null; isStopping: boolean } = { child: null, isStopping: false };
  const stop = (): void => {
    const isFirst = !state.isStopping;
    state.isStopping = true;
    // kill() before the spawn does nothing, so 'start' below asks again.
    if (isFirst && state.child !== null) endChild(state.child, output, run.killAfterMs ?? 2000);
  };
  const exit = new Promise<FfmpegExit>((resolve) => {
    command.on('stderr', run.onLine);
    const fail = (error: Error): void => {
      if (state.child?.pid !== undefined) return; // it runs, or has run
      output.end();
      resolve({ code: null, signal: null, spawnError: error });
    };
    adapt(command as unknown as Insides, run.path, fail);
    command.on('start', () => {
      const child = (command as unknown as { ffmpegProc: ChildProcess }).ffmpegProc;
      state.child = child;
      process.nextTick(() => {
        child.stdout?.unpipe(target); // piped right after this event
        if (child.stdout !== null) output.attach(child.stdout);
      });
      // 'close' comes after stderr has been read to its end; fluent-ffmpeg's own events may come before the process is gone.
      child.once('close', (code, signal) => {
        state.isStopping = true; // nothing is left to stop
        resolve({ code, signal, spawnError: null });
      });
      if (state.isStopping) endChild(child, output, run.killAfterMs ?? 2000);
    });
    command.on('error', fail);
  });
  command.run();
  return { exit, stop };
}

type PathCallback = (error: Error | null, path: string) => void;
type EndCallback = (error: Error | null, stdout?: unknown, stderr?: unknown) => void;

/** Methods of a fluent-ffmpeg command that are not in its types. */
interface Insides {
  _getFfmpegPath(done: PathCallback): void;
  _spawnFfmpeg(args: unknown, options: unknown, onStart: unknown, onEnd?: EndCallback): void;
}

/**
 * Gives a command its binary, which fluent-ffmpeg keeps in a variable of its module, where two builds would swap it under each
 * other; and tells `fail` when no process can be started, where fluent-ffmpeg throws a TypeError out of anyone's reach.
 */
function adapt(command: Insides, path: string, fail: (error: Error) => void): void {
  const spawn = command._spawnFfmpeg.bind(command);
  command._getFfmpegPath = (done) => {
    try {
      done(null, path); // spawns
    } catch (error) {
      // without a free file descriptor, say; the reason comes with the process's 'error' event
      setImmediate(() => fail(error instanceof Error ? error : new Error(String(error))));
    }
  };
  command._spawnFfmpeg = (args, options, onStart, onEnd) => {
    if (onEnd === undefined) return spawn(args, options, onStart);
    spawn(args, options, onStart, (error, stdout, stderr) => {
      if (error !== null && error !== undefined && stdout === undefined) fail(error);
      else onEnd(error, stdout, stderr);
    });
  };
}

function endChild(child: ChildProcess, output: ByteReader, killAfterMs: number): void {
  output.end(); // it reads on, or unread data would keep the child from ending, and 'close' from coming
  child.kill('SIGTERM');
  // Counted from the request: a child that is stopped or stuck in the kernel ignores SIGTERM.
  const force = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  child.once('close', () => clearTimeout(force));
}

/** A binary that hangs is told of; one that a busy machine gives no time for is none. */
const TEXT_TIMEOUT_MS = 60_000;

/** What a short informational call (`-version`, `-h`) prints; throws when the binary cannot be run. */
export async function readFfmpegText(path: string, args: readonly string[]): Promise<string> {
  const options = { timeout: TEXT_TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 16 << 20 } as const;
  const { stdout, stderr } = await promisify(execFile)(path, [...args], options);
  return stdout + stderr;
}

/** What one picture's making gave: the picture, and what was said on stderr. */
export interface FfmpegPicture {
  readonly bytes: Uint8Array;
  readonly said: string;
}

/** Most that is taken of a picture, and of what is said. */
const MAX_PICTURE_BYTES = 32 << 20;
const PICTURE_TIMEOUT_MS = 600_000;

/**
 * Runs ffmpeg for one picture on its stdout, within ten minutes. Rejects when it fails or cannot be run, and when `signal`
 * aborts; it is gone then.
 */
export async function readFfmpegPicture(
  path: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<FfmpegPicture> {
  const { stdout, stderr } = await promisify(execFile)(
    path,
    ['-hide_banner', '-nostdin', '-nostats', ...args],
    {
      encoding: 'buffer',
      timeout: PICTURE_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_PICTURE_BYTES,
      signal,
    },
  );
  return { bytes: stdout, said: stderr.toString() };
}
