import { PublishError } from '../errors.js';
import { EVENT_TYPES } from '../events.js';
import type {
  CompletedEvent,
  LabelEvent,
  LabelEventData,
  ModelInfo,
  Segment,
  StreamIdentity,
  Thresholds,
  Transition,
} from '../types.js';
import { toCompletedId, toLabelEventId, toSegmentId } from './ids.js';
import { DATA_SCHEMAS, toEventSource } from './stream-events.js';

const MAX_TAGS = 16;
const MAX_TAG_CHARACTERS = 64;
const SEQUENCE_DIGITS = 12;

/** What all label events of one stream and epoch have in common; `thresholds` in manifest label order. */
export interface EventContext {
  readonly deployment: string;
  readonly identity: StreamIdentity;
  readonly model: ModelInfo;
  readonly thresholds: readonly Thresholds[];
  /** Live: where the stream stood in the epoch before this one. */
  readonly previous?: { readonly epoch: string; readonly sequence: number } | null;
}

/** Where a writer goes on, as the journal holds it. */
export interface WriterState {
  readonly nextSequence: number;
  readonly openSegments: readonly Segment[];
}

/** Label events in sequence, and the segments they open, update or close, as the journal stores them. */
export interface Written {
  readonly events: LabelEvent[];
  readonly segments: Segment[];
}

/**
 * Numbers the transitions of one stream and epoch 1, 2, 3 … in the order given and turns them into CloudEvents and
 * segments. `nowMs` is the commit time in milliseconds since 1970; it shows in `time` only, and only where the stream
 * has no clock: id, sequence and data are the same in every run. Throws PublishError when tags exceed 16 × 64
 * characters, and when a segment is opened twice or ended without having been opened.
 */
export class EventWriter {
  readonly #context: EventContext;
  readonly #open: Map<string, Segment>;
  #nextSequence: number;

  constructor(context: EventContext, state: WriterState = { nextSequence: 1, openSegments: [] }) {
    checkTags(context.identity);
    this.#context = context;
    this.#nextSequence = state.nextSequence;
    this.#open = new Map(state.openSegments.map((segment) => [segment.segmentId, segment]));
  }

  /** The number that the next event gets; part of a checkpoint. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  write(transitions: readonly Transition[], nowMs: number): Written {
    const segments = new Map<string, Segment>();
    const events = transitions.map((transition) => {
      const segment = this.#follow(transition);
      segments.set(segment.segmentId, segment);
      return this.#toLabelEvent(transition, segment, nowMs);
    });
    return { events, segments: [...segments.values()] };
  }

  /** A file's last record: the next number, whatever was found. Throws PublishError while a segment is open. */
  complete(durationMs: number, nowMs: number): CompletedEvent {
    const { identity } = this.#context;
    const { streamId, kind, epoch, sourceUri } = identity;
    if (this.#open.size > 0)
      throw refuse(`${streamId} cannot be completed: ${this.#open.size} segments are open`);
    const sequence = this.#nextSequence++;
    return {
      ...this.#envelope(sequence),
      id: toCompletedId(epoch, streamId),
      type: EVENT_TYPES.completed,
      time: toUtc(nowMs),
      dataschema: DATA_SCHEMAS.completed,
      data: { streamId, kind, epoch, sourceUri, sequence, state: 'completed', durationMs },
    };
  }

  #follow(transition: Transition): Segment {
    const { epoch, streamId } = this.#context.identity;
    const { phase, reason, startMs, endMs, frames } = transition;
    const label = this.#labelOf(transition);
    const segmentId = toSegmentId({ epoch, streamId, label, startMs });
    const open = this.#open.get(segmentId);
    if ((open === undefined) !== (phase === 'started'))
      throw refuse(`segment ${segmentId} of ${label} on ${streamId} cannot be ${phase} now`);
    const segment: Segment = {
      segmentId,
      streamId,
      epoch,
      label,
      startMs,
      endMs,
      startReason: open?.startReason ?? reason,
      endReason: phase === 'ended' ? reason : null,
      score: { peak: toThousandths(transition.score.peak), mean: toThousandths(transition.score.mean) },
      frames,
    };
    if (phase === 'ended') this.#open.delete(segmentId);
    else this.#open.set(segmentId, segment);
    return segment;
  }

  #toLabelEvent(transition: Transition, segment: Segment, nowMs: number): LabelEvent {
    const { startTimeMs } = this.#context.identity;
    const sequence = this.#nextSequence++;
    return {
      ...this.#envelope(sequence),
      id: toLabelEventId(segment.segmentId, transition),
      type: EVENT_TYPES[transition.phase],
      subject: segment.label,
      time: toUtc(startTimeMs === null ? nowMs : startTimeMs + transition.atMs),
      dataschema: DATA_SCHEMAS.label,
      data: this.#toData(transition, segment, sequence),
    };
  }

  #toData(transition: Transition, segment: Segment, sequence: number): LabelEventData {
    const { identity, model, thresholds } = this.#context;
    const { streamId, kind, sourceUri, epoch, clock, startTimeMs, tags } = identity;
    const { phase, reason, startMs, endMs, confirmedMs, frames } = transition;
    const toTime = (ms: number | null) =>
      ms === null || startTimeMs === null ? null : toUtc(startTimeMs + ms);
    return {
      streamId,
      kind,
      sourceUri,
      epoch,
      sequence,
      label: segment.label,
      segmentId: segment.segmentId,
      phase,
      reason,
      startMs,
      endMs,
      confirmedMs,
      startTime: toTime(startMs),
      endTime: toTime(endMs),
      clock,
      score: { current: toThousandths(transition.score.current), ...segment.score },
      thresholds: thresholds[transition.label]!, // one per label: #labelOf has checked the index
      frames,
      model: { name: model.name, version: model.version, sha256: model.sha256 },
      tags,
      ...(sequence === 1 ? { previous: this.#context.previous ?? null } : {}),
    };
  }

  #labelOf(transition: Transition): string {
    const { model, thresholds } = this.#context;
    const label = model.labels[transition.label];
    if (label === undefined || thresholds[transition.label] === undefined)
      throw refuse(`the model ${model.name} has no label ${transition.label}`);
    return label;
  }

  #envelope(sequence: number) {
    const { deployment, identity } = this.#context;
    return {
      specversion: '1.0',
      source: toEventSource(deployment, identity.streamId),
      sequence: String(sequence).padStart(SEQUENCE_DIGITS, '0'),
      partitionkey: identity.streamId,
      datacontenttype: 'application/json',
    } as const;
  }
}

function checkTags({ streamId, tags }: StreamIdentity): void {
  const pairs = Object.entries(tags);
  const isTooLong = (text: string) => text.length > MAX_TAG_CHARACTERS;
  if (pairs.length <= MAX_TAGS && !pairs.flat().some(isTooLong)) return;
  throw refuse(
    `the tags of ${streamId} are too many or too long for its events`,
    `use at most ${MAX_TAGS} tags, names and values of at most ${MAX_TAG_CHARACTERS} characters`,
  );
}

/** What is wrong is wrong with this stream. */
function refuse(message: string, remedy = 'report this: it should not happen'): PublishError {
  return new PublishError(message, { remedy, isOfStream: true });
}

function toThousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** RFC 3339 of Unix time in ms. */
export function toUtc(ms: number): string {
  return new Date(ms).toISOString();
}
