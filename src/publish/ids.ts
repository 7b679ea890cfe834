import canonicalize from 'canonicalize';
import { v5 as toUuidV5, v7 as toUuidV7 } from 'uuid';
import { PublishError } from '../errors.js';
import type { Smoothing, TransitionPhase, TransitionReason } from '../types.js';

/** Raised by any change of sampling, scaling or smoothing that changes the events of a file. */
export const PIPELINE_VERSION = 3;

/** Namespace of file epochs, drawn once for labelcast; a change would give every file a new epoch. */
const EPOCH_NAMESPACE = '3f1c2a9e-7d54-4b0e-9a86-5c1d0e2b7f43';
/** The URL namespace of RFC 9562, for stream events of sources without an epoch. */
const URL_NAMESPACE = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

/** Everything that decides the label events of a file. */
export interface EpochParts {
  /** The file identity: a sha256 of content, never a path. */
  readonly identity: string;
  /** Of the model that runs: `ModelInfo.sha256`. */
  readonly modelSha256: string;
  readonly executionProvider: string;
  readonly batchSize: number;
  readonly threads: number;
  readonly labels: readonly string[];
  readonly sampling: {
    readonly fps: number;
    readonly keyframesOnly?: boolean;
    readonly staticGate?: boolean;
  };
  readonly smoothing: Smoothing;
}

/** The epoch of a file: UUIDv5 of the canonical JSON (RFC 8785) of its parts and the pipeline's version. */
export function fileEpoch(parts: EpochParts): string {
  // what is off is left out, as it was before there was such a setting: the epochs of those files stay
  const sampling = Object.fromEntries(Object.entries(parts.sampling).filter(([, value]) => value !== false));
  const json = canonicalize({ ...parts, sampling, pipelineVersion: PIPELINE_VERSION });
  if (json === undefined) throw new PublishError('the parts of a file epoch are no JSON');
  return toUuidV5(json, EPOCH_NAMESPACE);
}

/** A new epoch of a live stream; they sort by when they began. */
export function newLiveEpoch(): string {
  return toUuidV7();
}

/** What identifies a segment within its epoch. */
export interface SegmentKey {
  readonly epoch: string;
  readonly streamId: string;
  readonly label: string;
  readonly startMs: number;
}

/** UUIDv5 in the namespace of the epoch. */
export function toSegmentId({ epoch, streamId, label, startMs }: SegmentKey): string {
  return toUuidV5(`${streamId}|${label}|${startMs}`, epoch);
}

/** UUIDv5 in the namespace of the segment; never made from the sequence, so a difference stays local. */
export function toLabelEventId(
  segmentId: string,
  { phase, reason, atMs }: { phase: TransitionPhase; reason: TransitionReason; atMs: number },
): string {
  return toUuidV5(`${phase}|${reason}|${atMs}`, segmentId);
}

/** The id of a file's last record on the label topic. */
export function toCompletedId(epoch: string, streamId: string): string {
  return toUuidV5(`${streamId}|completed`, epoch);
}

/** The id of what takes the place of a numbered event that was skipped by hand. */
export function toLostId(epoch: string, streamId: string, sequence: number): string {
  return toUuidV5(`${streamId}|lost|${sequence}`, epoch);
}

/**
 * The id of a stream event: in the epoch's namespace, without an epoch in that of URLs. `time`: the commit time, for live
 * streams, which are in each state again and again.
 */
export function toStreamStateId(
  epoch: string | null,
  streamId: string,
  state: string,
  time: string | null,
): string {
  return toUuidV5(`${streamId}|${state}${time === null ? '' : `|${time}`}`, epoch ?? URL_NAMESPACE);
}
