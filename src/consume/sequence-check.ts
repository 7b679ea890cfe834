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
 * `gap`: the numbers `from` to `to` have not come. `late`: one of those came after all. `repeat`: the same event again.
 * `conflict`: another event with a number that was taken, so two writers write this epoch.
 */
export interface SequenceFinding {
  readonly kind: 'gap' | 'late' | 'repeat' | 'conflict';
  readonly streamId: string;
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

/** Epochs of a stream, ids and holes of an epoch that are remembered: the newest. */
const MAX_EPOCHS = 16;
const MAX_IDS = 2048;
const MAX_HOLES = 256;

interface EpochSeen {
  last: number;
  holes: { readonly from: number; readonly to: number }[];
  /** By sequence. */
  readonly ids: Map<number, string>;
}

/**
 * Finds loss and repeats in label events as they are read, per stream and epoch. Events before the first one seen of a
 * stream are not missed: reading may begin anywhere. What it remembers is bounded.
 */
export class SequenceCheck {
  readonly #streams = new Map<string, Map<string, EpochSeen>>();

  /** Of the next event read; nothing found: it is the one that was due. */
  check(event: NumberedEvent): SequenceFinding[] {
    const { streamId, epoch } = event;
    const epochs = this.#streams.get(streamId) ?? new Map<string, EpochSeen>();
    this.#streams.set(streamId, epochs);
    const seen = epochs.get(epoch);
    if (seen === undefined) return begin(epochs, event);
    if (event.sequence <= seen.last) return [lookBack(seen, event)];
    return goOn(seen, event);
  }
}

function begin(epochs: Map<string, EpochSeen>, event: NumberedEvent): SequenceFinding[] {
  const { streamId, epoch, sequence, previous } = event;
  const findings: SequenceFinding[] = [];
  const before = previous ? epochs.get(previous.epoch) : undefined;
  if (previous && before !== undefined && before.last < previous.sequence)
    findings.push(...skip(before, { streamId, epoch: previous.epoch, to: previous.sequence }));
  const seen: EpochSeen = { last: epochs.size === 0 ? sequence - 1 : 0, holes: [], ids: new Map() };
  epochs.set(epoch, seen);
  if (epochs.size > MAX_EPOCHS) epochs.delete(epochs.keys().next().value!);
  return [...findings, ...goOn(seen, event)];
}

function goOn(seen: EpochSeen, { id, streamId, epoch, sequence }: NumberedEvent): SequenceFinding[] {
  const findings = sequence > seen.last + 1 ? skip(seen, { streamId, epoch, to: sequence - 1 }) : [];
  seen.last = sequence;
  remember(seen, sequence, id);
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
  return [{ kind: 'gap', streamId, epoch, from, to }];
}

function lookBack(seen: EpochSeen, { id, streamId, epoch, sequence }: NumberedEvent): SequenceFinding {
  const finding = { streamId, epoch, from: sequence, to: sequence };
  const hole = seen.holes.find(({ from, to }) => from <= sequence && sequence <= to);
  if (hole !== undefined) {
    const rest = [
      { from: hole.from, to: sequence - 1 },
      { from: sequence + 1, to: hole.to },
    ].filter(({ from, to }) => from <= to);
    seen.holes.splice(seen.holes.indexOf(hole), 1, ...rest);
    remember(seen, sequence, id);
    return { kind: 'late', ...finding };
  }
  const held = seen.ids.get(sequence);
  return { kind: held === undefined || held === id ? 'repeat' : 'conflict', ...finding };
}

function remember({ ids }: EpochSeen, sequence: number, id: string): void {
  ids.set(sequence, id);
  if (ids.size > MAX_IDS) ids.delete(ids.keys().next().value!);
}
