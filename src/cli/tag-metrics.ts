import { ConfigError } from '../errors.js';
import type { TaggerHost } from '../infer/tagger-host.js';
import type { LiveStreamListener } from '../live-stream.js';
import { Metrics } from '../metrics.js';
import type { SinkRelays } from '../publish/sink-relays.js';
import { type HttpServer, openHttpServer } from '../serve/http.js';
import { problemsOf, type RunState } from '../serve/readiness.js';
import type { FileOutcome } from '../tag-file.js';
import type { StreamIdentity } from '../types.js';

/** Streams that are over and still have their series, so that a scrape can see the last of them: the newest. */
const MAX_OVER = 100;

/** What a run of `tag` counts, and shows while it lasts. */
export class TagMetrics implements RunState {
  readonly metrics: Metrics;
  /** Null until the model is warm. */
  tagger: TaggerHost | null = null;
  /** Null until the journal is open. */
  sinks: SinkRelays | null = null;
  blocked: string | null = null;
  /** By epoch; those under way. */
  readonly #opened = new Map<string, StreamIdentity>();
  readonly #over: string[] = [];

  constructor(journalFile: string, version: string) {
    this.metrics = new Metrics(journalFile, version);
  }

  /** Serves /metrics, /healthz and /readyz on 127.0.0.1; port 0: any. Throws ConfigError when the port is taken. */
  async listen(port: number, token: string | undefined): Promise<HttpServer> {
    const health = { metrics: this.metrics, notReady: () => problemsOf(this) };
    try {
      return await openHttpServer({ host: '127.0.0.1', port, token }, health);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const remedy = 'choose another --metrics-port; 0 takes any that is free';
      throw new ConfigError(error.message, [], { remedy, cause: error });
    }
  }

  /** Why the journal takes nothing now; null: it does. */
  journalBlocked(why: string | null): void {
    this.blocked = why;
    this.metrics.delivery.blocked(why !== null);
  }

  /** Counts a live stream and tells what happens to it. */
  addLive(streamId: string): LiveStreamListener {
    this.metrics.addStream(streamId);
    return this.metrics.observeStream(streamId);
  }

  /** The journal holds, or will hold, this epoch. */
  opened(identity: StreamIdentity): void {
    if (identity.kind === 'file') this.metrics.addFile(identity.streamId);
    this.#opened.set(identity.epoch, identity);
  }

  /** A stream that ends stands nowhere any more; its series go when enough others have ended after it. */
  async ended({ epoch, status }: Pick<FileOutcome, 'epoch' | 'status'>): Promise<void> {
    const identity = this.#opened.get(epoch ?? '');
    if (identity === undefined) return;
    this.#opened.delete(identity.epoch);
    const { kind, streamId } = identity;
    if (kind === 'live') this.metrics.standing(streamId, status === 'failed' ? 'failed' : null);
    this.#over.push(streamId);
    if (this.#over.length > MAX_OVER) await this.metrics.removeStream(this.#over.shift()!);
  }
}
