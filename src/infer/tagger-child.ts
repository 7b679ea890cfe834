import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { InferError } from '../errors.js';
import { toHeaderBytes } from './frame-wire.js';
import { LineTail } from './line-tail.js';
import { BatchRefusal, OpenRefusal, TaggerDeath } from './tagger-failures.js';
import {
  type OpenFailure,
  type OpenRequest,
  PIXELS_FD,
  type Ready,
  type TaggerMessage,
} from './tagger-messages.js';

export interface ChildOptions {
  readonly entry: URL;
  readonly request: OpenRequest;
  /** Added to this process's own for the tagger process. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly startTimeoutMs: number;
  /** How long a batch may take, from the time one took when warm. */
  readonly watchdogMs: (batchMs: number) => number;
  /** Told first when a process that was ready dies, before its runs reject. */
  readonly onDeath: (death: TaggerDeath) => void;
}

/** ONNX Runtime 1.30 keeps a database of events in the home folder and sends them to its maker unless told not to. */
export const NO_TELEMETRY = { ORT_DISABLE_TELEMETRY: '1' };

interface Run {
  resolve(scores: Float32Array): void;
  reject(error: Error): void;
}

/** One life of the tagger process. */
export class TaggerChild {
  readonly ready: Ready;
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #options: ChildOptions;
  readonly #runs = new Map<number, Run>();
  readonly #stderr: LineTail;
  readonly #ended: Promise<void>;
  #isHung = false;
  #isClosing = false;
  #death: Error | null = null;

  constructor(process: ChildProcess, ready: Ready, stderr: LineTail, options: ChildOptions) {
    this.#process = process;
    this.#options = options;
    this.#stderr = stderr;
    this.ready = ready;
    this.pid = process.pid!;
    process.on('message', (message) => this.#take(message as TaggerMessage));
    this.#ended = ended(process).then(() => this.#bury());
  }

  /** Scores, frames × labels, of one batch padded to `size`. Throws TaggerDeath or BatchRefusal. */
  async run(lane: number, frames: readonly Uint8Array[], size: number): Promise<Float32Array> {
    if (this.#death !== null) throw this.#death;
    const batchMs = this.ready.warmed.find((one) => one.size === size)?.batchMs ?? 0;
    const watchdog = this.#watch(lane, this.#options.watchdogMs(batchMs));
    try {
      return await new Promise<Float32Array>((resolve, reject) => {
        this.#runs.set(lane, { resolve, reject });
        this.#write(toHeaderBytes({ lane, frames: frames.length, size }), frames);
      });
    } finally {
      this.#runs.delete(lane);
      clearTimeout(watchdog);
    }
  }

  /** Ends the process and resolves when it has ended. Runs in flight reject with an InferError. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#process.kill('SIGKILL'); // it holds nothing that has to be saved
    await this.#ended;
  }

  #write(header: Uint8Array, frames: readonly Uint8Array[]): void {
    const pipe = this.#process.stdio[PIXELS_FD] as Writable;
    pipe.cork();
    pipe.write(header);
    for (const bytes of frames) pipe.write(bytes);
    pipe.uncork();
  }

  #take(message: TaggerMessage): void {
    if (message.kind === 'scored') this.#runs.get(message.lane)?.resolve(message.scores);
    if (message.kind === 'refused') {
      this.#runs.get(message.lane)?.reject(new BatchRefusal(message.message, message.outOfMemory));
    }
  }

  #watch(lane: number, limitMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      const run = this.#runs.get(lane);
      // an answer may be waiting behind a loop of ours that was blocked: let it in first
      setImmediate(() => {
        if (run === undefined || this.#runs.get(lane) !== run) return;
        this.#isHung = true;
        this.#process.kill('SIGKILL');
      });
    }, limitMs);
  }

  #bury(): void {
    (this.#process.stdio[PIXELS_FD] as Writable).destroy();
    const death = this.#isClosing ? new InferError('the tagger was closed') : this.#toDeath();
    this.#death = death;
    if (death instanceof TaggerDeath) this.#options.onDeath(death);
    for (const run of this.#runs.values()) run.reject(death);
  }

  #toDeath(): TaggerDeath {
    if (this.#isHung) return new TaggerDeath('watchdog', 'the tagger process gave no answer');
    return toDeath(this.#process, this.#stderr);
  }
}

/**
 * Starts a tagger process and resolves when all its sessions are warm. Throws OpenRefusal, or TaggerDeath when it dies
 * or is not ready in time; no process is left then, nor when aborted.
 */
export async function startTaggerChild(options: ChildOptions, signal: AbortSignal): Promise<TaggerChild> {
  const process = fork(options.entry, [], {
    execArgv: [],
    env: { ...globalThis.process.env, ...NO_TELEMETRY, ...options.environment },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
  });
  const stderr = new LineTail(process.stderr!);
  // a process that dies while bytes are on the way is told by its end, not by the broken pipe
  process.stdio[PIXELS_FD]!.on('error', () => {});
  process.on('error', () => {});
  const timeout = AbortSignal.timeout(options.startTimeoutMs);
  try {
    const answer = await firstAnswer(process, options.request, AbortSignal.any([signal, timeout]));
    if (answer.kind === 'ready') return new TaggerChild(process, answer, stderr, options);
    throw new OpenRefusal(answer);
  } catch (error) {
    process.kill('SIGKILL');
    await ended(process);
    if (error instanceof OpenRefusal) throw error;
    if (signal.aborted) throw new InferError('the tagger was closed', { cause: error });
    if (!timeout.aborted) throw toDeath(process, stderr);
    throw new TaggerDeath(
      'watchdog',
      `the tagger process was not ready within ${options.startTimeoutMs / 1000} s`,
    );
  }
}

/** Rejects when the process cannot be started, ends, or `signal` aborts. */
async function firstAnswer(
  process: ChildProcess,
  request: OpenRequest,
  signal: AbortSignal,
): Promise<Ready | OpenFailure> {
  const over = new AbortController();
  const options = { signal: AbortSignal.any([signal, over.signal]) };
  try {
    process.send(request, () => {}); // when it cannot be sent the process has ended, and that is told below
    const [answer] = await Promise.race([
      once(process, 'message', options),
      once(process, 'exit', options).then(() => Promise.reject(new Error('it ended before it was ready'))),
    ]);
    return answer as Ready | OpenFailure;
  } finally {
    over.abort();
  }
}

async function ended(process: ChildProcess): Promise<void> {
  const isGone = process.pid === undefined || process.exitCode !== null || process.signalCode !== null;
  if (!isGone) await once(process, 'exit');
}

function toDeath(process: ChildProcess, stderr: LineTail): TaggerDeath {
  const how = process.signalCode ?? `status ${process.exitCode}`;
  const said = stderr.lastError();
  const message = `the tagger process ended with ${how}${said === null ? '' : `: ${said}`}`;
  return new TaggerDeath(process.signalCode === null ? 'exit' : 'signal', message);
}
