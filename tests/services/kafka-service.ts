import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../../src/publish/journal.js';
import { answerOf } from '../answer.js';
import { type Accounts, account } from './kafka-accounts.js';
import type { Standing } from './kafka-copies.js';

const SINK = 'kafka';
const FPS = 5;
/** Labels begin and end with every change of the pictures: about 20 events a second of each camera. */
const RESTLESS = { halfLifeMs: 1, minOnMs: 0, minOffMs: 0, enter: 0.003, exit: 0.0029 };

/** How far a relay is. */
export interface Progress {
  /** Events that this process delivered. */
  readonly delivered: number;
  /** Events in the journal that are still to be delivered. */
  readonly pending: number;
}

/** `labelcast serve` on cameras as a user starts it, again and again on the same journal, delivering below a prefix of its own. */
export class KafkaService implements AsyncDisposable {
  readonly prefix: string;
  readonly #brokers: readonly string[];
  readonly #journal: string;
  readonly #config: string;
  #child: ChildProcess | null = null;
  #address = '';
  /** The end of its log. */
  #said = '';
  #peakPending = 0;

  constructor(options: {
    readonly prefix: string;
    readonly brokers: readonly string[];
    readonly cameraUrl: string;
    readonly cameras: number;
    readonly folder: string;
  }) {
    const { prefix, brokers, cameraUrl, cameras, folder } = options;
    this.prefix = prefix;
    this.#brokers = brokers;
    this.#journal = join(folder, `${prefix}.db`);
    this.#config = join(folder, `${prefix}.yaml`);
    const settings = {
      journal: { path: this.#journal },
      sinks: [{ name: SINK, kafka: { brokers, topicPrefix: prefix } }],
      sampling: { fps: FPS },
      smoothing: RESTLESS,
      http: { port: 0 },
      streams: Array.from({ length: cameras }, (_, n) => ({ id: `cam-${n + 1}`, url: cameraUrl })),
    };
    writeFileSync(this.#config, JSON.stringify(settings)); // JSON is YAML
  }

  /** The most that were pending whenever somebody looked. */
  get peakPending(): number {
    return this.#peakPending;
  }

  /** Resolves when it answers over HTTP; it may still be far from tagging. */
  async start(): Promise<void> {
    const args = ['dist/src/cli/main.js', 'serve', '-c', this.#config, '--log-format', 'json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    this.#said = '';
    this.#address = await new Promise((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        const said = this.#said + text; // all that it said at once, when nobody listened for long
        this.#said = said.slice(-4000);
        const address = /"address":"([^"]+)"/.exec(said)?.[1];
        if (address !== undefined) resolve(address);
      });
      child.once('close', () => reject(this.#toDeath()));
    });
  }

  /** Null: it does not know yet. Throws with its log when it is gone. */
  async progress(): Promise<Progress | null> {
    const response = await answerOf(`${this.#address}/metrics`).catch((cause: unknown) => {
      throw this.#toDeath(cause);
    });
    const text = await response.text();
    const read = (name: string): number | null => {
      const value = new RegExp(`^labelcast_${name}\\{sink="${SINK}"\\} (\\S+)$`, 'm').exec(text)?.[1];
      return value === undefined ? null : Number(value);
    };
    const pending = read('journal_pending_events');
    if (pending === null) return null;
    this.#peakPending = Math.max(this.#peakPending, pending);
    return { delivered: read('events_delivered_total') ?? 0, pending };
  }

  /** `kill -9`. */
  async kill(): Promise<Standing> {
    await this.#end('SIGKILL');
    await using journal = await openJournal({ path: this.#journal });
    const committed = journal.lastPosition;
    const delivered = (await journal.cursor(SINK))?.position ?? 0;
    this.#peakPending = Math.max(this.#peakPending, committed - delivered);
    return { committed, delivered };
  }

  /** SIGTERM, which lets it deliver what is left; resolves to the exit status. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async accounts(): Promise<Accounts> {
    await using journal = await openJournal({ path: this.#journal });
    return await account(journal, this.#brokers, this.prefix);
  }

  #toDeath(cause?: unknown): Error {
    return new Error(`labelcast serve does not answer:\n${this.#said}`, { cause });
  }

  /** However it stands. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    return child.exitCode;
  }
}
