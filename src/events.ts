/**
 * The events that labelcast publishes: CloudEvents 1.0, described by docs/events.md and the schemas in docs/schema.
 * Times ending in `Ms` are integer media milliseconds from the epoch's start; those ending in `Time` are RFC 3339 UTC.
 */
import type { StreamCause } from './errors.js';

/** `type` of each kind of event. */
export const EVENT_TYPES = {
  started: 'io.labelcast.label.started.v1',
  updated: 'io.labelcast.label.updated.v1',
  ended: 'io.labelcast.label.ended.v1',
  completed: 'io.labelcast.stream.completed.v1',
  state: 'io.labelcast.stream.state.v1',
  lost: 'io.labelcast.event.lost.v1',
} as const;

/** Names of the topics below one prefix. */
export interface KafkaTopics {
  /** Label events and `completed`, keyed and ordered by stream. */
  readonly labels: string;
  /** Live streams: the open segment of each stream and label, compacted. */
  readonly state: string;
  /** The last state of each stream, compacted. */
  readonly streams: string;
}

/** The topics of a `topicPrefix`. */
export function toTopics(prefix = 'labelcast'): KafkaTopics {
  return { labels: `${prefix}.labels`, state: `${prefix}.state`, streams: `${prefix}.streams` };
}

/** A live segment without a sign of life for so long is no longer to be believed: three heartbeats. */
export const EXPIRES_AFTER_MS = 3 * 30_000;

/** Whether a stream is watched as it happens or read from a recording. */
export type StreamKind = 'live' | 'file';

/** `updated`: the segment goes on. */
export type TransitionPhase = 'started' | 'updated' | 'ended';

/** Why a segment started, goes on or ended. */
export type TransitionReason =
  | 'threshold'
  | 'heartbeat'
  | 'resumed'
  | 'gap'
  | 'end-of-stream'
  | 'stream-removed'
  | 'model-change'
  | 'shutdown';

/** Thresholds of one label. 0 < exit < enter < 1. */
export interface Thresholds {
  readonly enter: number;
  readonly exit: number;
}

/** How media time maps to UTC. `none`: not at all. */
export type Clock = 'none' | 'file-metadata' | 'file-offset' | 'receive' | 'rtcp';

/** A segment of a label started, goes on or ended. */
export interface LabelEventData {
  readonly streamId: string;
  readonly kind: StreamKind;
  /** Without credentials. */
  readonly sourceUri: string;
  readonly epoch: string;
  /** 1, 2, 3 … within a stream and epoch. */
  readonly sequence: number;
  readonly label: string;
  /** The same in all events of a segment. */
  readonly segmentId: string;
  readonly phase: TransitionPhase;
  readonly reason: TransitionReason;
  readonly startMs: number;
  /** Exclusive; null while the segment is open. */
  readonly endMs: number | null;
  /** Media time of the frame (or of the end) that made this sure. */
  readonly confirmedMs: number;
  /** Null without a clock. */
  readonly startTime: string | null;
  /** Null without a clock and while the segment is open. */
  readonly endTime: string | null;
  readonly clock: Clock;
  /** 0 to 1. `current`: smoothed; `peak`, `mean`: of raw scores over [startMs, now]. */
  readonly score: { readonly current: number; readonly peak: number; readonly mean: number };
  readonly thresholds: Thresholds;
  /** Frames of the segment so far: seen, and due at the sampling rate. */
  readonly frames: { readonly observed: number; readonly expected: number };
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly tags: Readonly<Record<string, string>>;
  /** First label event of an epoch only: where the stream stood before; files: always null. */
  readonly previous?: { readonly epoch: string; readonly sequence: number } | null;
}

/** A file is tagged to its end; the last numbered event of its epoch. */
export interface CompletedEventData {
  readonly streamId: string;
  readonly kind: StreamKind;
  readonly epoch: string;
  readonly sourceUri: string;
  readonly sequence: number;
  readonly state: 'completed';
  readonly durationMs: number;
}

/** In place of a numbered event that was skipped by hand, as a sink would not take it; it has that event's number. */
export interface LostEventData {
  readonly streamId: string;
  readonly kind: StreamKind;
  readonly epoch: string;
  readonly sourceUri: string;
  readonly sequence: number;
  readonly state: 'lost';
  /** `id` of the event that is lost. */
  readonly lostId: string;
  /** `type` of that event; its label is the `subject`. */
  readonly lostType: string;
  /** Label events only: the segment of which this was to tell. */
  readonly segmentId?: string;
  /** Why it was not taken, for people to read. */
  readonly detail: string;
  /** Of the event that is lost, where it had one. */
  readonly previous?: { readonly epoch: string; readonly sequence: number } | null;
}

/** How a stream stands, or how it ended; not numbered. */
export interface StreamStateEventData {
  readonly streamId: string;
  readonly kind: StreamKind;
  /** Null: a source that could not be opened. */
  readonly epoch: string | null;
  readonly sourceUri: string;
  readonly state: 'connecting' | 'online' | 'gap' | 'offline' | 'ended' | 'failed';
  readonly cause?: StreamCause;
  readonly durationMs?: number;
}

/** Value of a record of the topic `state`: the segment of a live stream and label that is open now. */
export interface StateRecord
  extends Pick<
    LabelEventData,
    'epoch' | 'sequence' | 'segmentId' | 'label' | 'streamId' | 'startMs' | 'startTime' | 'score'
  > {
  /** UTC of its last sign of life. */
  readonly lastSeenTime: string;
  /** UTC; three heartbeats after the last sign of life it is no longer to be believed. */
  readonly expiresTime: string;
}

/** A CloudEvents 1.0 record in structured JSON form. */
export interface CloudEvent<Data, Type extends string = string> {
  readonly specversion: '1.0';
  /** The same each time the event is delivered. */
  readonly id: string;
  readonly type: Type;
  readonly source: string;
  /** Label events, and the loss of one: the label. */
  readonly subject?: string;
  readonly time: string;
  /** Numbered events only: the sequence number, 12 digits. */
  readonly sequence?: string;
  /** The streamId. */
  readonly partitionkey: string;
  readonly datacontenttype?: 'application/json';
  readonly dataschema: string;
  readonly data: Data;
}

/** Told apart from the others by `type`, among each other by `data.phase`. */
export type LabelEvent = CloudEvent<LabelEventData, `io.labelcast.label.${TransitionPhase}.v1`>;
export type CompletedEvent = CloudEvent<CompletedEventData, typeof EVENT_TYPES.completed>;
export type LostEvent = CloudEvent<LostEventData, typeof EVENT_TYPES.lost>;
export type StreamStateEvent = CloudEvent<StreamStateEventData, typeof EVENT_TYPES.state>;

/** The events that have a number, so that loss and repeats show; all of the labels topic. */
export type NumberedCloudEvent = LabelEvent | CompletedEvent | LostEvent;
/** Everything that labelcast publishes. */
export type LabelcastEvent = NumberedCloudEvent | StreamStateEvent;
