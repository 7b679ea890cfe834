import type { TopicOffsets } from '../kafka-client.js';
import type { JournalRow } from '../types.js';
import type { TopicRecord } from './kafka-records.js';

/** What is known when delivering begins. */
export interface DeliveryStart {
  /** How many each topic has. */
  readonly partitions: ReadonlyMap<string, number>;
  /** Goes out before everything else. */
  readonly tombstones: readonly TopicRecord[];
  /** Offsets behind what was acknowledged last, as far as the journal knows. */
  readonly places: TopicOffsets;
}

/** How a Kafka sink gets rows to its topics: what comes twice after a failure is its affair. Everything throws PublishError. */
export interface TopicDelivery extends AsyncDisposable {
  /** Begins a session; nobody else sends in its place from then on, where that is promised. */
  connect(): Promise<void>;
  begin(start: DeliveryStart): Promise<void>;
  /** Resolves to the cursor behind these rows, one at least; after a failure the same ones come again. The signal ends waiting. */
  deliver(rows: readonly JournalRow[], signal: AbortSignal): Promise<string>;
  foresee(rows: readonly JournalRow[]): void;
}
