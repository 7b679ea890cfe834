import { EXPIRES_AFTER_MS, type StateRecord } from '../events.js';
import type { StoredRecord } from '../kafka-client.js';
import type { LabelSegment } from './label-segments.js';

/** What the compacted state topic says of each key, record by record. */
export class StateTopic {
  readonly #held = new Map<string, StateRecord>();

  /** False: it is no record of a state topic, and what its key stood for is no longer known. */
  take({ key, value }: Pick<StoredRecord, 'key' | 'value'>): boolean {
    const segment = value === null ? null : toOpenSegment(value);
    if (segment === null) this.#held.delete(key ?? '');
    else this.#held.set(key ?? '', segment);
    return value === null || segment !== null;
  }

  get segments(): StateRecord[] {
    return [...this.#held.values()];
  }
}

/** The same of segments that were made of events; those of files are left out. */
export function toOpenSegments(segments: readonly LabelSegment[]): StateRecord[] {
  return segments
    .filter(({ kind, endReason, startTime }) => kind === 'live' && endReason === null && startTime !== null)
    .map((segment) => {
      const { startTime, startMs, confirmedMs } = segment;
      const lastSeenMs = Date.parse(startTime!) + confirmedMs - startMs;
      const times = { lastSeenTime: toUtc(lastSeenMs), expiresTime: toUtc(lastSeenMs + EXPIRES_AFTER_MS) };
      return inOrder({ ...segment, ...times });
    });
}

/** Those that have not expired at a time (milliseconds since 1970), by stream, label and start, and how many have. */
export function chooseCurrent(
  segments: readonly StateRecord[],
  atMs: number,
): { readonly current: StateRecord[]; readonly expired: number } {
  const current = segments.filter(({ expiresTime }) => Date.parse(expiresTime) > atMs);
  const place = ({ streamId, label }: StateRecord): string => `${streamId}/${label}`;
  current.sort((a, b) => (place(a) < place(b) ? -1 : 1));
  return { current, expired: segments.length - current.length };
}

function toOpenSegment(value: string): StateRecord | null {
  try {
    const held = JSON.parse(value) as Partial<StateRecord> | null;
    const { streamId, label, epoch, segmentId, startTime, lastSeenTime, expiresTime } = held ?? {};
    const { startMs, score } = held ?? {};
    const areTexts = [streamId, label, epoch, segmentId].every((text) => typeof text === 'string');
    const areTimes = [startTime ?? lastSeenTime, lastSeenTime, expiresTime].every(
      (time) => !Number.isNaN(Date.parse(String(time))),
    );
    const isWhole = areTexts && areTimes && Number.isFinite(startMs) && typeof score?.peak === 'number';
    return isWhole ? inOrder(held as StateRecord) : null;
  } catch {
    return null;
  }
}

/** The fields that are known, in the order of the state topic wherever they come from. */
function inOrder(segment: StateRecord): StateRecord {
  const { epoch, sequence, segmentId, label, streamId, startMs, startTime } = segment;
  const { lastSeenTime, expiresTime, score } = segment;
  const times = { startMs, startTime, lastSeenTime, expiresTime };
  return { epoch, sequence, segmentId, label, streamId, ...times, score };
}

function toUtc(ms: number): string {
  return new Date(ms).toISOString();
}
