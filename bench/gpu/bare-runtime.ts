import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { findCudaLibraries } from '../../src/infer/cuda-libraries.js';
import { NO_TELEMETRY } from '../../src/infer/tagger-child.js';
import type { Package } from './packages.js';
import type { Device } from './results.js';

export type BareRequest =
  | {
      readonly kind: 'open';
      readonly file: string;
      readonly device: Device;
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: 'measure'; readonly batch: number; readonly forMs: number };

export type BareAnswer =
  | { readonly kind: 'open' }
  | ({ readonly kind: 'measured' } & BareFigure)
  | { readonly kind: 'failed'; readonly message: string };

export interface BareFigure {
  readonly framesPerSecond: number;
  readonly batchMs: number;
  readonly runs: number;
}

const PROCESS = new URL('./bare-process.js', import.meta.url);
const OPEN_SECONDS = 90;
/** Words of a provider's failure that are kept. */
const MESSAGE_LENGTH = 300;

/** One session of ONNX Runtime with its own defaults, in a process of its own. Disposing it ends the process. */
export class BareRuntime implements AsyncDisposable {
  readonly #child: ChildProcess;
  #said = '';

  private constructor(device: Device) {
    const cuda = device === 'cuda' ? findCudaLibraries(process.env).environment : {};
    this.#child = fork(PROCESS, {
      env: { ...process.env, ...NO_TELEMETRY, ...cuda },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-4000);
    });
  }

  /** Throws Error, with the provider's own words, when the model cannot be opened there. */
  static async open({ file, manifest }: Package, device: Device): Promise<BareRuntime> {
    const runtime = new BareRuntime(device);
    try {
      const { width, height } = manifest.input;
      await runtime.#ask({ kind: 'open', file, device, width, height }, OPEN_SECONDS);
      return runtime;
    } catch (error) {
      await runtime[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs batches of one size for a while, at least one after a first that does not count; throws Error when it cannot, or takes too long. */
  async measure(batch: number, forMs: number, atMostSeconds: number): Promise<BareFigure> {
    const answer = await this.#ask({ kind: 'measure', batch, forMs }, atMostSeconds);
    if (answer.kind !== 'measured') throw new Error('the process of ONNX Runtime answered out of turn');
    const { framesPerSecond, batchMs, runs } = answer;
    return { framesPerSecond, batchMs, runs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  async #ask(request: BareRequest, atMostSeconds: number): Promise<BareAnswer> {
    const ending = new AbortController();
    const { signal } = ending;
    try {
      const answered = once(this.#child, 'message', { signal }).then(([answer]) => answer as BareAnswer);
      const died = once(this.#child, 'exit', { signal }).then(([code, by]) => {
        throw new Error(`ONNX Runtime ended its process (${by ?? code}): ${lastWords(this.#said)}`);
      });
      const late = wait(atMostSeconds * 1000, undefined, { signal }).then(() => {
        throw new Error(`no answer within ${Math.ceil(atMostSeconds)} s`);
      });
      for (const one of [answered, died, late]) one.catch(() => {}); // the first decides
      this.#child.send(request);
      const answer = await Promise.race([answered, died, late]);
      if (answer.kind === 'failed') throw new Error(lastWords(`${this.#said}\n${answer.message}`));
      return answer;
    } finally {
      ending.abort();
    }
  }
}

/** One line, without colours and places in ONNX Runtime's own sources. */
function lastWords(text: string): string {
  const line = stripVTControlCharacters(text)
    .trim()
    .replaceAll(/\/onnxruntime_src\/\S+\s*/g, '')
    .replaceAll(/\s+/g, ' ');
  return line === '' ? 'it said nothing' : line.slice(-MESSAGE_LENGTH);
}
