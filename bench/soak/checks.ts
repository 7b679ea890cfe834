import type { StoredRecord } from '../../src/kafka-client.js';
import type { LabelEventData } from '../../src/types.js';
import { checkFrames } from '../live/frame-checks.js';
import type { Blindness } from './faults.js';
import type { Life } from '../live/life.js';
import type { SoakRecord, StreamRecord } from './record.js';

/** What a check found; `detail` in figures. */
export interface Finding {
  readonly name: string;
  readonly isGood: boolean;
  readonly detail: string;
}

/** How far the time of a live frame may lie from its arrival. */
const FRAME_TOLERANCE_MS = 1000;
/** The last frame, and what lies between it and the next one. */
const LAST_FRAME_MS = 2000;
const MEMORY_GROWTH = 1.1;
/** What it may take to see again. */
const AFTERMATH_MS = 15_000;

/** Every life's frames are accounted for, and each life ended as it was meant to; `watched`: streams of the service. */
export function checkLives(
  lives: readonly Life[],
  streams: readonly StreamRecord[],
  watched: number,
): Finding[] {
  const held = streams.map(({ streamId, originMs, framesMs }) => ({
    streamId,
    timesMs: framesMs.map((ms) => ms + originMs),
  }));
  const wanted = (life: Life) => life.wasKilled || life.end?.status === 143;
  return [
    ...checkFrames(lives, held, { streams: watched }).map(({ name, value, aim }) => ({
      name,
      isGood: aim.isMet,
      detail: `${value}, to be ${aim.text}`,
    })),
    {
      name: 'each run ended only when it was stopped',
      isGood: lives.every(wanted),
      detail: lives.map(({ end }) => end?.signal ?? end?.status ?? 'not ended').join(', '),
    },
  ];
}

/** What the journal committed is in the file, byte for byte, and in the topics, whatever came again being the same. */
export function checkDelivery({ events, ndjson, records }: SoakRecord): Finding[] {
  const isSame = ndjson === events.map(({ json }) => json).join('\n');
  const lines = ndjson.split('\n').length;
  const held = new Map<string, string>();
  let repeated = 0;
  let changed = 0;
  for (const { headers, value } of records) {
    const id = headers['ce_id'] ?? '';
    if (held.has(id)) repeated += 1;
    if (held.has(id) && held.get(id) !== value) changed += 1;
    held.set(id, value ?? '');
  }
  const missing = events.filter(({ event }) => held.get(event.id) !== JSON.stringify(event.data)).length;
  const strange = held.size - (events.length - missing);
  return [
    {
      name: 'the file holds the journal, byte for byte',
      isGood: isSame,
      detail: `${lines} lines, ${events.length} events`,
    },
    {
      name: 'each event of the journal is in its topic',
      isGood: missing === 0 && strange === 0 && changed === 0 && events.length > 0,
      detail: `${events.length} events, ${missing} missing, ${strange} unknown, ${repeated} repeated, ${changed} of them changed`,
    },
  ];
}

/** Numbers run 1, 2, 3 … in the journal and, repeats left out, in the topic; a stream keeps its epoch. */
export function checkSequences({ streams, records }: SoakRecord): Finding[] {
  const inTopic = (streamId: string) => firstOfEach(records).filter((data) => data.streamId === streamId);
  const isNumbered = (data: readonly LabelEventData[]) =>
    data.every(({ sequence }, n) => sequence === n + 1) && data.length > 0;
  return [
    {
      name: 'sequences run 1 … n in journal and topic',
      isGood: streams.every(({ streamId, events }) => isNumbered(events) && isNumbered(inTopic(streamId))),
      detail: `n = ${streams.map(({ events }) => events.length).join(', ')}`,
    },
    {
      name: 'each stream kept its epoch',
      isGood: streams.every(({ epochs }) => epochs.length === 1),
      detail: streams.map(({ epochs }) => epochs.length).join(', '),
    },
  ];
}

function firstOfEach(records: readonly StoredRecord[]): LabelEventData[] {
  const seen = new Set<string>();
  return records.flatMap(({ headers, value }) => {
    const isNew = !seen.has(headers['ce_id']!) && headers['ce_type']!.startsWith('io.labelcast.label.');
    seen.add(headers['ce_id']!);
    return isNew ? [JSON.parse(value!) as LabelEventData] : [];
  });
}

/** Nothing is said of a time in which nothing could be seen. */
export function checkHoles(streams: readonly StreamRecord[], blindnesses: readonly Blindness[]): Finding[] {
  const invented = { frames: 0, segments: 0, events: 0, bridged: 0 };
  let holes = 0;
  for (const stream of streams) {
    const toMedia = (utcMs: number) => utcMs - stream.originMs;
    for (const { cause, fromMs, toMs } of blindnesses.filter(({ streams: of }) =>
      of.includes(stream.streamId),
    )) {
      holes += 1;
      const [from, to] = [toMedia(fromMs) + FRAME_TOLERANCE_MS, toMedia(toMs)];
      const isInside = (ms: number) => ms > from && ms < to;
      invented.frames += stream.framesMs.filter(isInside).length;
      invented.events += stream.events.filter(
        (event) => event.reason !== 'gap' && isInside(event.confirmedMs),
      ).length;
      for (const segment of stream.segments) {
        const { startMs, endMs } = segment;
        if (isInside(startMs) || (endMs !== null && isInside(endMs - LAST_FRAME_MS))) invented.segments += 1;
        if (startMs > from || (endMs ?? Number.POSITIVE_INFINITY) < to) continue;
        const isResumed = stream.events.some(
          (event) =>
            event.segmentId === segment.segmentId && event.reason === 'resumed' && event.confirmedMs >= to,
        );
        if (cause === 'camera' || !isResumed) invented.bridged += 1;
      }
    }
  }
  const { frames, segments, events, bridged } = invented;
  return [
    {
      name: 'no frame, event or segment in a blind time',
      isGood: frames + segments + events + bridged === 0 && holes > 0,
      detail: `${holes} holes of a stream: ${frames} frames, ${events} events, ${segments} segments in them, ${bridged} across without "resumed"`,
    },
  ];
}

/** Memory of the longest run: its last quarter is no more than a tenth above its second. */
export function checkMemory(lives: readonly Life[]): Finding {
  const { memory } = lives.reduce((a, b) => (b.memory.length > a.memory.length ? b : a));
  const quarter = Math.floor(memory.length / 4);
  const mean = (from: number) => average(memory.slice(from, from + quarter).map((one) => one.residentMiB));
  const [second, last] = [mean(quarter), mean(memory.length - quarter)];
  const minutes = (memory.length > 0 ? memory.at(-1)!.atMs - memory[0]!.atMs : 0) / 60_000;
  return {
    name: 'memory is flat',
    isGood: last <= MEMORY_GROWTH * second,
    detail: `${second.toFixed(1)} → ${last.toFixed(1)} MiB, second to last quarter of ${minutes.toFixed(1)} min; slope since the second ${slopeOf(memory.slice(quarter)).toFixed(1)} MiB/h`,
  };
}

function average(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Least squares, MiB an hour. */
function slopeOf(memory: Life['memory']): number {
  const hours = memory.map(({ atMs }) => (atMs - memory[0]!.atMs) / 3_600_000);
  const [atMean, mean] = [average(hours), average(memory.map((one) => one.residentMiB))];
  const up = memory.reduce((total, one, n) => total + (hours[n]! - atMean) * (one.residentMiB - mean), 0);
  return up / hours.reduce((total, hour) => total + (hour - atMean) ** 2, 0);
}

/** The longest time between two frames, ms, of a stream that could be seen: outside the blind times and 15 s after each. */
export function longestWaitMs(stream: StreamRecord, blindnesses: readonly Blindness[]): number {
  const own = blindnesses.filter(({ streams }) => streams.includes(stream.streamId));
  const times = stream.framesMs.map((ms) => ms + stream.originMs);
  return times.slice(1).reduce((longest, toMs, n) => {
    const fromMs = times[n]!;
    const isSeen = own.every((blind) => toMs < blind.fromMs || fromMs > blind.toMs + AFTERMATH_MS);
    return isSeen ? Math.max(longest, toMs - fromMs) : longest;
  }, 0);
}
