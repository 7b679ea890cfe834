import type { JournalHandle } from '../publish/journal.js';
import type {
  LabelcastEvent,
  LabelEventData,
  StreamKind,
  StreamStateEventData,
  Thresholds,
} from '../types.js';

/** How a stream stood at a time of the clock, milliseconds since 1970. */
export interface Standing {
  readonly state: StreamStateEventData['state'];
  readonly cause: string | null;
  readonly atMs: number;
}

/** What the events of a journal say of one stream's newest epoch. */
export interface StreamHistory {
  readonly streamId: string;
  readonly kind: StreamKind;
  readonly sourceUri: string;
  /** Null: it could never be opened. */
  readonly epoch: string | null;
  /** Of a file tagged to its end. */
  readonly completedMs: number | null;
  /** Models, as name and version, whose labels it has. */
  readonly models: ReadonlySet<string>;
  /** Up to here another model than the last one scored it. */
  readonly otherModelUntilMs: number;
  readonly thresholds: ReadonlyMap<string, Thresholds>;
  /** Oldest first. */
  readonly standings: readonly Standing[];
}

const PAGE_ROWS = 500;

/** Reads all events of a journal: the history of each stream's newest epoch, in the order in which they began. */
export async function readHistories(
  journal: Pick<JournalHandle, 'read' | 'newestEpochs'>,
): Promise<StreamHistory[]> {
  const histories = new Histories();
  for (let after = 0; ; ) {
    const rows = await journal.read(after, PAGE_ROWS);
    if (rows.length === 0) break;
    for (const { event } of rows) histories.take(event);
    after = rows.at(-1)!.position; // there is one
  }
  const newest = await journal.newestEpochs();
  const shown = new Set(newest.map(({ epoch }) => epoch));
  const told = withoutOvercome(histories.all).filter(({ epoch }) => epoch === null || shown.has(epoch));
  const known = new Set(told.map(({ streamId }) => streamId));
  const untold = newest.filter(({ streamId }) => !known.has(streamId)); // no event of it yet
  return [...told, ...untold.map((identity) => histories.of(identity))];
}

type Beginning = Pick<StreamHistory, 'streamId' | 'kind' | 'sourceUri' | 'epoch'>;

/** One for each epoch; that a stream could not be opened is forgotten when an epoch of it begins. */
class Histories {
  readonly #byKey = new Map<string, GrowingHistory>();

  get all(): GrowingHistory[] {
    return [...this.#byKey.values()];
  }

  take(event: LabelcastEvent): void {
    this.of(event.data).take(event);
  }

  /** That of an epoch, which is begun when it is new. */
  of(beginning: Beginning): GrowingHistory {
    const { streamId, epoch } = beginning;
    const key = `${streamId} ${epoch ?? ''}`;
    const held = this.#byKey.get(key);
    if (held !== undefined) return held;
    if (epoch !== null) this.#byKey.delete(`${streamId} `);
    const history = new GrowingHistory(beginning);
    this.#byKey.set(key, history);
    return history;
  }
}

/** What could not be opened once, and was tagged later, is no failure any more. */
function withoutOvercome(histories: readonly GrowingHistory[]): GrowingHistory[] {
  const lastAt = new Map<string, number>();
  for (const [n, { epoch, sourceUri }] of histories.entries()) if (epoch !== null) lastAt.set(sourceUri, n);
  return histories.filter(({ epoch, sourceUri }, n) => epoch !== null || (lastAt.get(sourceUri) ?? -1) < n);
}

class GrowingHistory implements StreamHistory {
  readonly streamId: string;
  readonly kind: StreamKind;
  readonly sourceUri: string;
  readonly epoch: string | null;
  readonly models = new Set<string>();
  readonly thresholds = new Map<string, Thresholds>();
  readonly standings: Standing[] = [];
  completedMs: number | null = null;
  otherModelUntilMs = Number.NEGATIVE_INFINITY;
  #sha256 = '';
  #confirmedMs = 0;

  constructor({ streamId, kind, sourceUri, epoch }: Beginning) {
    this.streamId = streamId;
    this.kind = kind;
    this.sourceUri = sourceUri;
    this.epoch = epoch;
  }

  take({ time, data }: LabelcastEvent): void {
    if ('label' in data) this.#takeLabel(data);
    else if (data.state === 'completed') this.completedMs = data.durationMs;
    else if (data.state !== 'lost')
      this.standings.push({ state: data.state, cause: data.cause ?? null, atMs: Date.parse(time) });
  }

  #takeLabel({ label, thresholds, model, confirmedMs }: LabelEventData): void {
    this.thresholds.set(label, thresholds);
    this.models.add(`${model.name} ${model.version}`);
    if (this.#sha256 !== '' && model.sha256 !== this.#sha256) this.otherModelUntilMs = this.#confirmedMs;
    this.#sha256 = model.sha256;
    this.#confirmedMs = confirmedMs;
  }
}
