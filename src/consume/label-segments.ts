import {
  EVENT_TYPES,
  type LabelEventData,
  type NumberedCloudEvent,
  type TransitionReason,
} from '../events.js';

/**
 * A segment as far as events have told of it, with the score and frames of the last one. The same segment comes again when
 * more is known of it: what came last holds.
 */
export interface LabelSegment extends Omit<LabelEventData, 'phase' | 'reason' | 'previous'> {
  /**
   * Null while it is open. `newer-epoch`: its stream goes on in another epoch. `missing`: it is over, but the event that says
   * so has not come. With these two it ends where it was last confirmed, and comes again if its end is read after all.
   */
  readonly endReason: TransitionReason | 'newer-epoch' | 'missing' | null;
}

/** Streams that are remembered: those seen last. */
const MAX_STREAMS = 10_000;
/** Left epochs of a stream that are remembered: the newest. */
const MAX_EPOCHS = 16;

interface StreamSeen {
  epoch: string;
  readonly left: Set<string>;
  /** The newest segment of each label, open or not. */
  readonly labels: Map<string, LabelSegment>;
}

/** Makes segments of label events, each of which is to come once, in the order in which they are read. */
export class LabelSegments {
  /** The one seen last comes last. */
  readonly #streams = new Map<string, StreamSeen>();

  /** The segments of which an event tells something new, those that it closes first. */
  take(event: NumberedCloudEvent): LabelSegment[] {
    const { data } = event;
    const seen = this.#streamOf(data);
    if (seen.left.has(data.epoch)) return 'label' in data && data.phase === 'ended' ? [toSegment(data)] : [];
    const closed = data.epoch === seen.epoch ? [] : leave(seen, data.epoch);
    if ('label' in data) return [...closed, ...follow(seen, data)];
    if (data.state === 'completed') return [...closed, ...closeAll(seen, 'missing')];
    const lost = data.lostType === EVENT_TYPES.ended ? data.segmentId : undefined;
    return [...closed, ...closeAll(seen, 'missing', ({ segmentId }) => segmentId === lost)];
  }

  /** Those that are open now. */
  get open(): LabelSegment[] {
    return [...this.#streams.values()].flatMap(({ labels }) => [...labels.values()].filter(isOpen));
  }

  #streamOf({ streamId, epoch }: { readonly streamId: string; readonly epoch: string }): StreamSeen {
    const seen = this.#streams.get(streamId) ?? { epoch, left: new Set(), labels: new Map() };
    this.#streams.delete(streamId);
    this.#streams.set(streamId, seen);
    if (this.#streams.size > MAX_STREAMS) this.#streams.delete(this.#streams.keys().next().value!);
    return seen;
  }
}

function isOpen({ endReason }: LabelSegment): boolean {
  return endReason === null;
}

/** A newer epoch closes what is open in the one before. */
function leave(seen: StreamSeen, epoch: string): LabelSegment[] {
  const closed = closeAll(seen, 'newer-epoch');
  seen.left.add(seen.epoch);
  if (seen.left.size > MAX_EPOCHS) seen.left.delete(seen.left.values().next().value!);
  seen.labels.clear();
  seen.epoch = epoch;
  return closed;
}

/** One label has one open segment at a time; events that come late bring back none that is over. */
function follow({ labels }: StreamSeen, data: LabelEventData): LabelSegment[] {
  const held = labels.get(data.label);
  const segment = toSegment(data);
  if (held !== undefined && held.startMs > data.startMs) return isOpen(segment) ? [] : [segment];
  const isSame = held?.segmentId === data.segmentId;
  if (isSame && held.sequence >= data.sequence) return [];
  labels.set(data.label, segment);
  return held !== undefined && !isSame && isOpen(held) ? [close(held, 'missing'), segment] : [segment];
}

function closeAll(
  { labels }: StreamSeen,
  reason: 'newer-epoch' | 'missing',
  isMeant: (segment: LabelSegment) => boolean = () => true,
): LabelSegment[] {
  const closed = [...labels.values()]
    .filter((one) => isOpen(one) && isMeant(one))
    .map((one) => close(one, reason));
  for (const segment of closed) labels.set(segment.label, segment);
  return closed;
}

function close(segment: LabelSegment, endReason: 'newer-epoch' | 'missing'): LabelSegment {
  const { startMs, startTime, confirmedMs: endMs } = segment;
  const endTime = startTime === null ? null : new Date(Date.parse(startTime) + endMs - startMs).toISOString();
  return { ...segment, endMs, endTime, endReason };
}

function toSegment({ phase, reason, previous: _previous, ...data }: LabelEventData): LabelSegment {
  return { ...data, endReason: phase === 'ended' ? reason : null };
}
