import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { TaggerMessage } from '../../src/infer/tagger-messages.js';
import type { NullRequest } from './null-tagger.js';
import { NULL_TAGGER } from './way.js';

/** The tagger process, for ways that bring it batches by themselves. */
export class NullHost {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (marks: Float32Array) => void>();

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('message', (message: TaggerMessage) => {
      if (message.kind === 'scored') this.#waiting.get(message.lane)!(message.scores);
    });
  }

  /** `file`: a descriptor that the process gets as `FILE_FD`. */
  static async open(request: NullRequest, file?: number): Promise<NullHost> {
    const process = fork(NULL_TAGGER, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe', ...(file === undefined ? [] : [file])],
    });
    process.send(request);
    await once(process, 'message');
    return new NullHost(process);
  }

  get pid(): number {
    return this.#process.pid!;
  }

  /** Resolves when the lane's batch is answered, to that. */
  answer(lane: number): Promise<Float32Array> {
    return new Promise((resolve) => this.#waiting.set(lane, resolve));
  }

  send(message: object): void {
    this.#process.send(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
