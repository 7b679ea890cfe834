import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openJournal } from '../../src/publish/journal.js';
import type { Standing } from '../../tests/services/kafka-copies.js';
import type { ReplayStanding } from './replay.js';

export const SINK = 'kafka';
const LOOK_EVERY_MS = 20;
const DAY_MS = 86_400_000;

/** What a load is made of. */
export interface LoadOptions {
  /** For journal and config. */
  readonly folder: string;
  /** Where the recorded scores are. */
  readonly traces: string;
  readonly brokers: readonly string[];
  /** Of the topics; journal and config are called by it too. */
  readonly prefix: string;
  /** Label events a second. */
  readonly rate: number;
  readonly isExactlyOnce: boolean;
}

/** How far a load is: positions in the journal. */
export interface Progress extends Standing {
  readonly pending: number;
  readonly problems: readonly string[];
}

/** Recorded cameras in a process of their own, which can be killed and started again on its journal, delivering to Kafka. */
export class ReplayLoad implements AsyncDisposable {
  readonly journal: string;
  readonly prefix: string;
  readonly #options: LoadOptions;
  readonly #config: string;
  readonly #originMs = Date.now();
  #child: ChildProcess | null = null;
  #said = '';
  #last: Progress | null = null;
  #peakPending = 0;
  #alive = { events: 0, ms: 0 };
  #begun: { readonly committed: number; readonly atMs: number } | null = null;

  constructor(options: LoadOptions) {
    const { folder, prefix, brokers, isExactlyOnce } = options;
    this.#options = options;
    this.prefix = prefix;
    this.journal = join(folder, `${prefix}.db`);
    this.#config = join(folder, `${prefix}.yaml`);
    const kafka = { brokers, topicPrefix: prefix, ...(isExactlyOnce && { exactlyOnce: true }) };
    const settings = { journal: { path: this.journal }, sinks: [{ name: SINK, from: 'beginning', kafka }] };
    writeFileSync(this.#config, JSON.stringify(settings)); // JSON is YAML
  }

  /** The most that were pending since this was asked last. */
  takePeak(): number {
    const peak = this.#peakPending;
    this.#peakPending = 0;
    return peak;
  }

  /** Events committed a second, while the process was up. */
  get rate(): number {
    return (this.#alive.events * 1000) / this.#alive.ms;
  }

  /** Resolves when the process runs; it may still be far from committing. `datedBackDays`: its commits are that old. */
  async start({ datedBackDays = 0 }: { readonly datedBackDays?: number } = {}): Promise<void> {
    const { rate, traces } = this.#options;
    const args = ['-c', this.#config, '--traces', traces, '--rate', String(rate)];
    const times = ['--origin', String(this.#originMs), '--dated-back', String(datedBackDays * DAY_MS)];
    const child = fork('dist/bench/replay.js', [...args, ...times], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#last = null;
    this.#begun = null;
    this.#said = '';
    child
      .stderr!.setEncoding('utf8')
      .on('data', (text: string) => (this.#said = (this.#said + text).slice(-4000)));
    child.on('message', (standing: ReplayStanding) => this.#take(standing));
    await once(child, 'spawn');
  }

  /** Resolves to the first standing that is as wanted. Throws with what the process said when it is gone. */
  async until(holds: (progress: Progress) => boolean): Promise<Progress> {
    for (;;) {
      const progress = this.#last;
      if (progress !== null && holds(progress)) return progress;
      const { exitCode, signalCode } = this.#child ?? {};
      if (this.#child === null || exitCode !== null || signalCode !== null)
        throw new Error(`the load has ended (${signalCode ?? exitCode ?? 'not started'}):\n${this.#said}`);
      await wait(LOOK_EVERY_MS);
    }
  }

  /** `kill -9`; resolves to where journal and relay stood. */
  async kill(): Promise<Standing> {
    await this.#end('SIGKILL');
    await using journal = await openJournal({ path: this.journal });
    const committed = journal.lastPosition;
    const delivered = (await journal.cursor(SINK))?.position ?? 0;
    this.#peakPending = Math.max(this.#peakPending, committed - delivered);
    return { committed, delivered };
  }

  /** SIGTERM, upon which what is left is delivered. Throws with what the process said when that fails. */
  async stop(): Promise<void> {
    const status = await this.#end('SIGTERM');
    if (status !== 0) throw new Error(`the load ended with status ${status}:\n${this.#said}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL');
  }

  #take({ committed, delivered, problems }: ReplayStanding): void {
    const pending = committed - delivered;
    this.#last = { committed, delivered, pending, problems };
    this.#peakPending = Math.max(this.#peakPending, pending);
    // the first frames come once all cameras are open
    if (this.#begun === null && committed > 0) this.#begun = { committed, atMs: performance.now() };
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    if (this.#begun !== null && this.#last !== null) {
      this.#alive.events += this.#last.committed - this.#begun.committed;
      this.#alive.ms += performance.now() - this.#begun.atMs;
    }
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    return child.exitCode;
  }
}
