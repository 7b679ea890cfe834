import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { LANE_ORDERS, type LaneChoice, type LaneOrder } from './lanes.js';

/** What the page shows, as it stands behind the # of its address, so that a link or a reload comes back to it. */
export interface Address extends LaneChoice {
  /** The stream that is open; null: the overview. */
  readonly streamId: string | null;
  /** Times of the reader's wall clock instead of the stream's; null: as its kind has it. */
  readonly onWall: boolean | null;
  /** Why segments of a label began, or did not, is shown too. */
  readonly isExplained: boolean;
}

/** Where in the stream the reader is; it changes with every frame of a pan, so nothing follows it. */
export interface Place {
  readonly label: string | null;
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** The browser takes few new addresses a second. */
const WRITE_AFTER_MS = 300;
const START: Place = { label: null, startMs: null, endMs: null };

const current = signal(readAddress(new URLSearchParams(location.hash.slice(1))));
const visited = signal(0);
let place = readPlace(new URLSearchParams(location.hash.slice(1)));
let writing: ReturnType<typeof setTimeout> | undefined;

export const address: ReadonlySignal<Address> = current;

/** Counts the addresses that came from without: a link, the way back, the reader's own typing. */
export const visits: ReadonlySignal<number> = visited;

export function getPlace(): Place {
  return place;
}

/** Changes some of what is shown, in place: the way back leads to before the stream was opened. */
export function changeAddress(change: Partial<Address>): void {
  current.value = { ...current.peek(), ...change };
  writeSoon();
}

export function changePlace(change: Partial<Place>): void {
  place = { ...place, ...change };
  writeSoon();
}

/** The link to a stream, or to the overview, that keeps what is filtered and how it is sorted. */
export function toLink(streamId: string | null): string {
  return toHash({ ...address.value, streamId, onWall: null }, START);
}

/** Follows the links of the page, and the browser's way back and forth. */
export function followAddress(): void {
  // Before a link leads on, the way back must be where the reader is.
  addEventListener('click', write, { capture: true });
  addEventListener('hashchange', () => {
    clearTimeout(writing);
    const fields = new URLSearchParams(location.hash.slice(1));
    batch(() => {
      place = readPlace(fields);
      current.value = readAddress(fields);
      visited.value++;
    });
  });
}

function writeSoon(): void {
  clearTimeout(writing);
  writing = setTimeout(write, WRITE_AFTER_MS);
}

function write(): void {
  clearTimeout(writing);
  const hash = toHash(current.peek(), place);
  if (hash !== location.hash) history.replaceState(null, '', hash);
}

function toHash(
  { streamId, onWall, isExplained, query, minMs, order }: Address,
  { label, startMs, endMs }: Place,
): string {
  const fields = new URLSearchParams();
  if (streamId !== null) fields.set('stream', streamId);
  if (startMs !== null && endMs !== null) {
    fields.set('from', String(Math.round(startMs)));
    fields.set('to', String(Math.round(endMs)));
  }
  if (label !== null) fields.set('label', label);
  if (query !== '') fields.set('find', query);
  if (minMs > 0) fields.set('longer', String(minMs));
  if (order !== 'total') fields.set('order', order);
  if (onWall !== null) fields.set('clock', onWall ? 'wall' : 'stream');
  if (isExplained) fields.set('explain', 'yes');
  return `#${fields}`;
}

function readAddress(fields: URLSearchParams): Address {
  const clock = fields.get('clock');
  return {
    streamId: fields.get('stream'),
    onWall: clock === null ? null : clock === 'wall',
    isExplained: fields.get('explain') === 'yes',
    query: fields.get('find') ?? '',
    minMs: readNumber(fields.get('longer')) ?? 0,
    order: readOrder(fields.get('order')),
  };
}

function readPlace(fields: URLSearchParams): Place {
  return {
    label: fields.get('label'),
    startMs: readNumber(fields.get('from')),
    endMs: readNumber(fields.get('to')),
  };
}

function readNumber(text: string | null): number | null {
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

function readOrder(text: string | null): LaneOrder {
  return LANE_ORDERS.find((order) => order === text) ?? 'total';
}
