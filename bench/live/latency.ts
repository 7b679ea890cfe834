import type { LabelEventData } from '../../src/types.js';
import { quantile, readScored, readSent, SentTimes } from './frame-logs.js';
import { atMost, row } from './table.js';
import type { TopicEvent } from './topic-watch.js';

const AIM_MS = 1200;

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
  const spread = (values: readonly number[]) =>
    `${[0.5, 0.95, 1].map((q) => quantile(values, q).toFixed(0)).join(', ')} ms`;
  const appended = joined.map(({ appendedMs, sentMs }) => appendedMs - sentMs);
  row('events confirmed by a frame', String(confirmed.length));
  row('of them without the picture or its sending', String(confirmed.length - joined.length));
  row('frames whose number could not be read', String(frames.filter(({ number }) => number === null).length));
  row(
    'picture sent → event in Kafka (append time), p50, p95, max',
    spread(appended),
    atMost(quantile(appended, 0.95), AIM_MS, 'ms (p95)'),
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

/** Others are made by the passing of time. */
function isConfirmedByFrame({ reason }: LabelEventData): boolean {
  return reason === 'threshold' || reason === 'heartbeat';
}
