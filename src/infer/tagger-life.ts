import { setTimeout as after } from 'node:timers/promises';
import { InferError } from '../errors.js';
import { type ChildOptions, startTaggerChild, type TaggerChild } from './tagger-child.js';
import { type DeathReason, OpenRefusal, TaggerDeath } from './tagger-failures.js';

/** How the tagger stands: `ready` is the only state in which batches run. */
export type TaggerState = 'ready' | 'restarting' | 'backing-off' | 'failed' | 'closed';

export interface LifeOptions extends Omit<ChildOptions, 'onDeath'> {
  /** How long to wait before a restart, from the number of restarts in the 60 s before it. */
  readonly restartDelayMs?: ((recent: number) => number) | undefined;
  /** Told of each death that is followed by a restart. */
  readonly onRestart?: ((reason: DeathReason, message: string) => void) | undefined;
  /** Told when it is given up, and why. */
  readonly onGiveUp?: ((message: string) => void) | undefined;
}

const RECENT_MS = 60_000;
const MAX_DELAY_MS = 30_000;
/** Processes in a row that may die before they are ready until the tagger is given up. */
const MAX_STILLBIRTHS = 5;

/** Three restarts at once, then a wait that doubles from one second to thirty. */
export function restartDelayMs(recent: number): number {
  return recent < 3 ? 0 : Math.min(1000 * 2 ** (recent - 3), MAX_DELAY_MS);
}

/** Keeps a tagger process running: when it dies, the next one is started. */
export class TaggerLife implements AsyncDisposable {
  readonly #options: LifeOptions;
  readonly #closing = new AbortController();
  readonly #restartsMs: number[] = [];
  #child: Promise<TaggerChild>;
  #state: TaggerState = 'restarting';
  #restarts = 0;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.#child = this.#start();
  }

  get state(): TaggerState {
    return this.#state;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** The process that runs, or the next one once it is ready. Throws InferError when closed or given up. */
  child(): Promise<TaggerChild> {
    return this.#child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = 'closed';
    this.#closing.abort();
    await this.#child.then(
      (child) => child.close(),
      () => {}, // a start that failed left no process
    );
    this.#child = refuse(new InferError('the tagger was closed'));
  }

  async #start(): Promise<TaggerChild> {
    const onDeath = (death: TaggerDeath) => {
      this.#child = this.#restart(death);
      this.#child.catch(() => {}); // whoever asks for the child gets the error
    };
    const child = await startTaggerChild({ ...this.#options, onDeath }, this.#closing.signal);
    if (!this.#closing.signal.aborted) this.#state = 'ready';
    return child;
  }

  async #restart(first: TaggerDeath): Promise<TaggerChild> {
    let death = first;
    for (let stillbirths = 0; stillbirths < MAX_STILLBIRTHS; stillbirths++) {
      this.#restarts++;
      this.#options.onRestart?.(death.reason, death.message);
      await this.#backOff();
      try {
        return await this.#start();
      } catch (error) {
        const next = toDeath(error);
        if (next === null) return this.#giveUp(error);
        death = next;
      }
    }
    return this.#giveUp(death);
  }

  async #backOff(): Promise<void> {
    const nowMs = performance.now();
    const recent = this.#restartsMs.filter((ms) => nowMs - ms < RECENT_MS);
    const delayMs = (this.#options.restartDelayMs ?? restartDelayMs)(recent.length);
    this.#restartsMs.splice(0, this.#restartsMs.length, ...recent, nowMs + delayMs);
    this.#state = delayMs > 0 ? 'backing-off' : 'restarting';
    const closed = () => Promise.reject(new InferError('the tagger was closed'));
    if (delayMs > 0) await after(delayMs, undefined, { signal: this.#closing.signal }).catch(closed);
    this.#state = 'restarting';
  }

  #giveUp(error: unknown): never {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the tagger cannot be started again: ${reason}`;
    if (!this.#closing.signal.aborted) {
      this.#state = 'failed';
      this.#options.onGiveUp?.(message);
    }
    throw new InferError(message, {
      remedy: 'run it again to go on from there; `labelcast doctor` checks the model and the provider',
      retryable: true,
      cause: error,
    });
  }
}

/** A start that may succeed a little later, as when a device or its memory was lost for a while; else null. */
function toDeath(error: unknown): TaggerDeath | null {
  if (error instanceof OpenRefusal && error.about !== 'model') return new TaggerDeath('exit', error.message);
  return error instanceof TaggerDeath ? error : null;
}

function refuse(error: InferError): Promise<never> {
  const refused = Promise.reject<never>(error);
  refused.catch(() => {});
  return refused;
}
