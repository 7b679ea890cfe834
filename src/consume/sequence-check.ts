/** What of a numbered event tells loss and repeats. */
export interface NumberedEvent {
  readonly id: string;
  readonly streamId: string;
  readonly epoch: string;
  readonly sequence: number;
  /** Where the stream stood before, on the first event of a live epoch. */
  readonly previous?: { readonly epoch: string; readonly sequence: number } | null;
}

/**
 * `missing`: the numbers `from` to `to` have not come. `late`: one of those came after all. `repeat`: the same event again.
 * `conflict`: another event with a number that was taken, so two writers write this epoch. `lost`: the
 * topic says that it was skipped by hand.
 */
export interface SequenceFinding {
  readonly kind: 'missing' | 'late' | 'repeat' | 'conflict' | 'lost';
  readonly streamId: string;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** Streams that are remembered: those seen last. */
export const MAX_STREAMS = 10_000;
/** Epochs of a stream and holes of an epoch that are remembered: the newest. */
const MAX_EPOCHS = 16;
const MAX_HOLES = 256;
/** Events of all streams whose ids are remembered: those read last. */
const MAX_IDS = 100_000;

interface EpochSeen {
  last: number;
  holes: { readonly from: number; readonly to: number }[];
}

/** Where reading begins: with the first event of every epoch, or anywhere. */
export type Beginning = 'from the first' | 'anywhere';

/**
 * Finds loss and repeats in label events as they are read, per stream and epoch. Events before the first one seen of a
 * stream are not missed where reading may begin anywhere. What it remembers is bounded: a stream that has not come for longer than
 * 10,000 others begins anew. Of what is read from the first, all streams and epochs are remembered.
 */
export class SequenceCheck {
  /** The one seen last comes last. */
  readonly #streams = new Map<string, Map<string, EpochSeen>>();
  /** By place. */
  readonly #ids = new Map<string, string>();

  readonly #isWhole: boolean;

  constructor(begin: Beginning = 'anywhere') {
    this.#isWhole = begin === 'from the first';
  }

  /** Of the next event read; nothing found: it is the one that was due. */
  check(event: NumberedEvent): SequenceFinding[] {
    const epochs = this.#epochsOf(event.streamId);
    const seen = epochs.get(event.epoch);
    const held = this.#remember(event);
    if (seen === undefined) return this.#beginEpoch(epochs, event);
    if (event.sequence <= seen.last) return [lookBack(seen, event, held)];
    return goOn(seen, event);
  }

  /** Of an epoch of which nothing has come yet, the numbers before `first` are known to be gone: they are not missed. */
  begin(streamId: string, epoch: string, first: number): void {
    const epochs = this.#epochsOf(streamId);
    if (!epochs.has(epoch)) epochs.set(epoch, { last: first - 1, holes: [] });
  }

  /** Of an epoch whose last number is known. */
  end(streamId: string, epoch: string, last: number): SequenceFinding[] {
    const epochs = this.#epochsOf(streamId);
    const seen = epochs.get(epoch) ?? { last: 0, holes: [] };
    epochs.set(epoch, seen);
    return seen.last < last ? skip(seen, { streamId, epoch, to: last }) : [];
  }

  #beginEpoch(epochs: Map<string, EpochSeen>, event: NumberedEvent): SequenceFinding[] {
    const isAmidst = !this.#isWhole && epochs.size === 0;
    const findings = begin(epochs, event, isAmidst);
    if (!this.#isWhole && epochs.size > MAX_EPOCHS) forgetOldest(epochs);
    return findings;
  }

  #epochsOf(streamId: string): Map<string, EpochSeen> {
    const epochs = this.#streams.get(streamId) ?? new Map<string, EpochSeen>();
    this.#streams.delete(streamId);
    this.#streams.set(streamId, epochs);
    if (!this.#isWhole && this.#streams.size > MAX_STREAMS) forgetOldest(this.#streams);
    return epochs;
  }

  /** The id that came first with this number, if that is still known. */
  #remember({ id, streamId, epoch, sequence }: NumberedEvent): string | undefined {
    const place = `${streamId} ${epoch} ${sequence}`;
    const held = this.#ids.get(place);
    if (held === undefined) this.#ids.set(place, id);
    if (this.#ids.size > MAX_IDS) forgetOldest(this.#ids);
    return held;
  }
}

function forgetOldest(memory: Map<string, unknown>): void {
  memory.delete(memory.keys().next().value!);
}

function begin(epochs: Map<string, EpochSeen>, event: NumberedEvent, isAmidst: boolean): SequenceFinding[] {
  const { streamId, epoch, sequence, previous } = event;
  const findings: SequenceFinding[] = [];
  const before = previous ? epochs.get(previous.epoch) : undefined;
  if (previous && before !== undefined && before.last < previous.sequence)
    findings.push(...skip(before, { streamId, epoch: previous.epoch, to: previous.sequence }));
  const seen: EpochSeen = { last: isAmidst ? sequence - 1 : 0, holes: [] };
  epochs.set(epoch, seen);
  return [...findings, ...goOn(seen, event)];
}

function goOn(seen: EpochSeen, { streamId, epoch, sequence }: NumberedEvent): SequenceFinding[] {
  const findings = sequence > seen.last + 1 ? skip(seen, { streamId, epoch, to: sequence - 1 }) : [];
  seen.last = sequence;
  return findings;
}

function skip(
  seen: EpochSeen,
  { streamId, epoch, to }: { readonly streamId: string; readonly epoch: string; readonly to: number },
): SequenceFinding[] {
  const from = seen.last + 1;
  seen.holes.push({ from, to });
  if (seen.holes.length > MAX_HOLES) seen.holes.shift();
  seen.last = to;
  return [{ kind: 'missing', streamId, epoch, from, to }];
}

function lookBack(
  seen: EpochSeen,
  { id, streamId, epoch, sequence }: NumberedEvent,
  held: string | undefined,
): SequenceFinding {
  const finding = { streamId, epoch, from: sequence, to: sequence };
  const hole = seen.holes.find(({ from, to }) => from <= sequence && sequence <= to);
  if (hole !== undefined) {
    const rest = [
      { from: hole.from, to: sequence - 1 },
      { from: sequence + 1, to: hole.to },
    ].filter(({ from, to }) => from <= to);
    seen.holes.splice(seen.holes.indexOf(hole), 1, ...rest);
    return { kind: 'late', ...finding };
  }
  return { kind: held === undefined || held === id ? 'repeat' : 'conflict', ...finding };
}
