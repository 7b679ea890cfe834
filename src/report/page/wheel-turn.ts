/** What a turn of the wheel does: it moves the page, or it zooms or pans a timeline. */
export type WheelTurn = 'page' | 'zoom' | 'pan';

/** A pause after which the wheel is turned anew. */
const PAUSE_MS = 250;

let turn: WheelTurn | null = null;
let lastMs = Number.NEGATIVE_INFINITY;

/**
 * Keeps one turn of the wheel to one thing: a page that scrolls under the pointer does not stop at a timeline, and a timeline
 * that is zoomed out whole does not start to scroll the page.
 */
export function followWheel(): void {
  const options = { passive: true };
  addEventListener(
    'wheel',
    (event) => {
      if (event.timeStamp - lastMs > PAUSE_MS) turn = null;
      lastMs = event.timeStamp;
    },
    { ...options, capture: true },
  );
  addEventListener(
    'wheel',
    () => {
      turn ??= 'page';
    },
    options,
  );
}

/** What the turn that this event belongs to does; `decide` is asked at its beginning only. */
export function toWheelTurn(decide: () => WheelTurn): WheelTurn {
  turn ??= decide();
  return turn;
}
