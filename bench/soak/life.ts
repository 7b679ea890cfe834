import { setTimeout as wait } from 'node:timers/promises';
import { childrenOf, residentMiB } from '../live/processes.js';
import { imbalance, type Sample, scrape } from '../live/scrape.js';
import type { Service } from '../live/service.js';

const POLL_MS = 1000;
/** While it drains, its last word is wanted. */
const LAST_POLL_MS = 25;

/** One run of the service within the soak, watched from its start to its end. */
export class Life {
  readonly startedMs = Date.now();
  readonly service: Service;
  /** MiB of the main process, once a second. */
  readonly memory: { readonly atMs: number; readonly residentMiB: number }[] = [];
  /** Every process it was seen to have started. */
  readonly children = new Set<number>();
  /** What it told last. */
  samples: readonly Sample[] = [];
  scrapes = 0;
  /** Scrapes whose frames did not add up. */
  unbalanced = 0;
  end: Awaited<Service['ended']> | null = null;
  endedMs = Number.NaN;
  readonly #watching: Promise<void>;
  #isStopping = false;

  constructor(service: Service) {
    this.service = service;
    this.#watching = this.#watch();
  }

  get imbalance(): number {
    return imbalance(this.samples);
  }

  /** Resolves when the process has ended. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#isStopping = signal === 'SIGTERM';
    this.service.child.kill(signal);
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const end = this.service.ended.then((ended) => {
      this.end = ended;
      this.endedMs = Date.now();
    });
    while (this.end === null) {
      const samples = await scrape(this.service.address).catch(() => null);
      if (samples !== null) this.#take(samples);
      await Promise.race([end, wait(this.#isStopping ? LAST_POLL_MS : POLL_MS)]);
    }
  }

  #take(samples: readonly Sample[]): void {
    this.samples = samples;
    this.scrapes += 1;
    if (imbalance(samples) !== 0) this.unbalanced += 1;
    for (const pid of childrenOf(this.service.pid)) this.children.add(pid);
    const now = residentMiB(this.service.pid);
    if (!this.#isStopping && !Number.isNaN(now)) this.memory.push({ atMs: Date.now(), residentMiB: now });
  }
}
