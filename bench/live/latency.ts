import type { LabelEventData } from '../../src/types.js';
import { quantile, readScored, readSent, SentTimes } from './frame-logs.js';
import { atMost, exactly, row } from './table.js';
import type { TopicEvent } from './topic-watch.js';

const EVENT_AIM_MS = 1200;
const SCORES_AIM_MS = 250;

/** A span of time: UTC, ms since 1970. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Prints how long after their arrival the frames of a span were scored: all of them. */
export function tellAges(framesLog: string, { fromMs, toMs }: Span): void {
  const ages = readScored(framesLog)
    .filter(({ arrivalMs }) => arrivalMs >= fromMs && arrivalMs < toMs)
    .map(({ arrivalMs, scoredMs }) => scoredMs - arrivalMs);
  row(
    `arrived → scored, all ${ages.length} frames, p50, p95, max`,
    spread(ages),
    atMost(quantile(ages, 0.95), SCORES_AIM_MS, 'ms (p95)'),
  );
}

/** Prints how long after its confirming picture was sent an event was in the topic: by the broker's clock, and read. */
export function tellLatency(
  events: readonly TopicEvent[],
  logs: { readonly frames: string; readonly sent: string },
): void {
  const sentTimes = new SentTimes(readSent(logs.sent));
  const frames = readScored(logs.frames);
  const byPlace = new Map(frames.map((frame) => [`${frame.streamId} ${frame.ptsMs}`, frame]));
  const confirmed = events.filter(({ data }) => isConfirmedByFrame(data));
  const joined = confirmed.flatMap((event) => {
    const frame = byPlace.get(`${event.data.streamId} ${event.data.confirmedMs}`);
    const sentMs = frame === undefined ? null : sentTimes.of(frame);
    return sentMs === null ? [] : [{ ...event, sentMs, frame: frame! }];
  });
  const appended = joined.map(({ appendedMs, sentMs }) => appendedMs - sentMs);
  row('events confirmed by a frame', String(confirmed.length));
  const lost = confirmed.length - joined.length;
  row('of them without the picture or its sending', String(lost), exactly(lost, 0));
  row('frames whose number could not be read', String(frames.filter(({ number }) => number === null).length));
  row(
    'picture sent → event in Kafka (append time), p50, p95, max',
    spread(appended),
    atMost(quantile(appended, 0.95), EVENT_AIM_MS, 'ms (p95)'),
  );
  row(
    'picture sent → event read by a consumer',
    spread(joined.map(({ receivedMs, sentMs }) => receivedMs - sentMs)),
  );
  row(
    '  of which: sent → arrived by the pipe',
    spread(joined.map(({ frame, sentMs }) => frame.arrivalMs - sentMs)),
  );
  row('  of which: arrived → scored', spread(joined.map(({ frame }) => frame.scoredMs - frame.arrivalMs)));
  row(
    '  of which: scored → appended',
    spread(joined.map(({ frame, appendedMs }) => appendedMs - frame.scoredMs)),
  );
}

function spread(values: readonly number[]): string {
  return `${[0.5, 0.95, 1].map((q) => quantile(values, q).toFixed(0)).join(', ')} ms`;
}

/** Others are made by the passing of time. */
function isConfirmedByFrame({ reason }: LabelEventData): boolean {
  return reason === 'threshold' || reason === 'heartbeat';
}
