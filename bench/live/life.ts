import { setTimeout as wait } from 'node:timers/promises';
import { childrenOf, residentMiB } from './processes.js';
import { type Sample, scrape, sum } from './scrape.js';
import type { Service } from './service.js';

const POLL_MS = 1000;
/** While it drains, its last word is wanted. */
const LAST_POLL_MS = 5;

/** One run of the service, watched from its start to its end. */
export class Life {
  readonly startedMs = Date.now();
  readonly service: Service;
  /** MiB of the main process, once a second. */
  readonly memory: { readonly atMs: number; readonly residentMiB: number }[] = [];
  /** Every process it was seen to have started. */
  readonly children = new Set<number>();
  /** Frames in flight at each scrape. */
  readonly inFlight: number[] = [];
  /** Scrapes made since it was asked to stop. */
  stoppingScrapes = 0;
  /** What it told last. */
  samples: readonly Sample[] = [];
  end: Awaited<Service['ended']> | null = null;
  endedMs = Number.NaN;
  readonly #watching: Promise<void>;
  readonly #stopping = new AbortController();

  constructor(service: Service) {
    this.service = service;
    this.#watching = this.#watch();
  }

  get wasKilled(): boolean {
    return this.end?.signal === 'SIGKILL';
  }

  /** Frames of a stream that were scored, by its last word. */
  inferred(streamId: string): number {
    return sum(this.samples, 'frames_inferred_total', `stream="${streamId}"`);
  }

  /** Resolves when the process has ended. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.service.child.kill(signal);
    if (signal === 'SIGTERM') this.#stopping.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const end = this.service.ended.then((ended) => {
      this.end = ended;
      this.endedMs = Date.now();
    });
    const { signal } = this.#stopping;
    while (this.end === null) {
      const wasStopping = signal.aborted;
      const samples = await scrape(this.service.address).catch(() => null);
      if (samples !== null) this.#take(samples, wasStopping);
      const pause = signal.aborted
        ? wait(LAST_POLL_MS)
        : wait(POLL_MS, undefined, { signal }).catch(() => {});
      await Promise.race([end, pause]);
    }
  }

  #take(samples: readonly Sample[], wasStopping: boolean): void {
    this.samples = samples;
    this.inFlight.push(sum(samples, 'frames_in_flight'));
    if (wasStopping) this.stoppingScrapes += 1;
    for (const pid of childrenOf(this.service.pid)) this.children.add(pid);
    const now = residentMiB(this.service.pid);
    if (!wasStopping && !Number.isNaN(now)) this.memory.push({ atMs: Date.now(), residentMiB: now });
  }
}
