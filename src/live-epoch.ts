import type { RecordRig } from './live-record-opening.js';
import type { LiveStream } from './live-stream.js';
import { modelOf, toModelState } from './model-state.js';
import { EventWriter } from './publish/event-writer.js';
import { newLiveEpoch } from './publish/ids.js';
import type { Checkpoint, EpochState, LastEpoch, Transition, TransitionReason } from './types.js';

/** The epoch that a live stream goes on in, or begins. */
export interface LiveEpoch {
  readonly held: EpochState;
  readonly previous: { readonly epoch: string; readonly sequence: number } | null;
  /** Segments that were open go on, if a frame comes soon enough. */
  readonly isContinued: boolean;
}

/** A clock that stands further back than this before the checkpoint was set anew. */
const CLOCK_TOLERANCE_MS = 5000;

/**
 * Opens the epoch of a live stream: the last one, unless this journal has no checkpoint of it, host or path of its URL
 * changed, or the clock (`nowMs`, since 1970) stands more than 5 s before the checkpoint. What was open in an epoch that
 * is left, or under another model, is ended there.
 */
export async function openLiveEpoch(stream: LiveStream, rig: RecordRig, nowMs: number): Promise<LiveEpoch> {
  const last = await rig.journal.lastEpoch(stream.streamId);
  if (last !== null && isSameEpoch(last, stream, nowMs)) {
    const held = await rig.journal.openEpoch(last.identity);
    if (isOfModel(held.checkpoint, rig)) return { held, previous: null, isContinued: true };
    return { held: await endOpen(held, rig, 'model-change'), previous: null, isContinued: false };
  }
  let previous: LiveEpoch['previous'] = null;
  if (last !== null) {
    const left = await endOpen(await rig.journal.openEpoch(last.identity), rig, 'gap');
    const sequence = (left.checkpoint?.nextSequence ?? last.lastSequence + 1) - 1;
    if (sequence > 0) previous = { epoch: last.identity.epoch, sequence };
  }
  const { streamId, sourceUri, tags } = stream;
  const held = await rig.journal.openEpoch({
    streamId,
    sourceUri,
    tags,
    kind: 'live',
    epoch: newLiveEpoch(),
    clock: 'receive',
    startTimeMs: nowMs,
  });
  return { held, previous, isContinued: false };
}

function isSameEpoch({ identity, checkpoint }: LastEpoch, stream: LiveStream, nowMs: number): boolean {
  if (checkpoint === null) return false;
  if (toPlace(identity.sourceUri) !== toPlace(stream.sourceUri)) return false;
  return nowMs - (identity.startTimeMs ?? 0) >= checkpoint.lastMs - CLOCK_TOLERANCE_MS;
}

/** Host and path; a query often holds what changes from day to day. */
function toPlace(uri: string): string {
  if (!URL.canParse(uri)) return uri;
  const { host, pathname } = new URL(uri);
  return `${host}${pathname}`;
}

/** By the labels too: a manifest may name them anew with the same weights. */
function isOfModel(checkpoint: Checkpoint | null, rig: RecordRig): boolean {
  const held = modelOf(checkpoint);
  const { model } = toModelState(rig);
  return held?.sha256 === model.sha256 && held.labels.join('\n') === model.labels.join('\n');
}

/** Ends what is open at the checkpoint, at its frame; `current` is the mean, since the average is another model's. */
async function endOpen(held: EpochState, rig: RecordRig, reason: TransitionReason): Promise<EpochState> {
  const { checkpoint, openSegments, identity } = held;
  if (checkpoint === null || openSegments.length === 0) return held;
  const names = openSegments.map(({ label }) => label);
  const thresholds = names.map((name) => {
    const at = rig.labels.findIndex((label) => label.name === name);
    return rig.smoothing.thresholds[at] ?? { enter: 0.5, exit: 0.4 };
  });
  const { nextSequence, lastMs } = checkpoint;
  const model = { ...(modelOf(checkpoint) ?? rig.model.info), labels: names };
  const context = { deployment: rig.config.deployment, identity, model, thresholds };
  const writer = new EventWriter(context, { nextSequence, openSegments });
  const transitions = openSegments.map(({ startMs, score, frames }, label): Transition => {
    const endMs = Math.max(lastMs, startMs + 1);
    const times = { startMs, endMs, atMs: endMs, confirmedMs: lastMs };
    return { phase: 'ended', reason, label, ...times, score: { current: score.mean, ...score }, frames };
  });
  const { events, segments } = writer.write(transitions, Date.now());
  // without a model it is never gone on with: its labels are still on in there
  const smoother = { ...checkpoint.smoother, model: null };
  const moved = { ...checkpoint, nextSequence: writer.nextSequence, smoother };
  await rig.journal.commit({ epoch: identity.epoch, events, segments, scores: [], checkpoint: moved });
  return { ...held, checkpoint: moved, openSegments: [] };
}
