import type { FigureTurn } from './figure.js';

/** A turn with a note: where its text begins, and on which row above the plot, counted from it. */
export interface PlacedNote {
  readonly turn: FigureTurn;
  readonly text: string;
  /** Of the point that it is about. */
  readonly x: number;
  readonly from: number;
  readonly row: number;
}

interface Box {
  readonly x: number;
  readonly from: number;
  readonly to: number;
  readonly row: number;
}

const MOST_ROWS = 8;
/** Of 12 px text in the widest of usual system fonts, on average. */
const LETTER_PX = 6.4;
const SPACE_PX = 8;
/** Where in a text its line may begin, best first: 0 is at its start. */
const LEAD_PLACES = [0, 0.25, 0.5, 0.75, 1];
/** Between a text and the line that leads down from another one. */
const LEAD_PX = 3;

/**
 * Lays out notes so that no text lies on another one or on the line that leads from a text down to its point. Those for which
 * there is no room are left out, near misses first.
 */
export function placeNotes(
  turns: readonly FigureTurn[],
  toX: (ms: number) => number,
  { left, right }: { readonly left: number; readonly right: number },
): PlacedNote[] {
  const placed: (PlacedNote & Box)[] = [];
  // from right to left: what comes earlier finds room above, and its line comes down before the text below begins
  const noted = turns.filter(({ note }) => note !== null).toReversed();
  const [minor, major] = [noted.filter(isMinor), noted.filter((turn) => !isMinor(turn))];
  for (const turn of [...major, ...minor]) {
    const text = turn.note!; // it is noted
    const x = toX(turn.atMs);
    const width = text.length * LETTER_PX;
    const starts = LEAD_PLACES.map((part) => Math.min(right - width, Math.max(left, x - part * width)));
    const boxes = starts.flatMap((from) =>
      Array.from({ length: MOST_ROWS }, (_, row) => ({ x, from, to: from + width, row })),
    );
    const free = boxes.find((box) => placed.every((other) => !isInTheWay(box, other)));
    if (free !== undefined) placed.push({ turn, text, ...free });
  }
  return placed.sort((a, b) => a.x - b.x);
}

function isMinor({ kind }: FigureTurn): boolean {
  return kind === 'missed';
}

function isInTheWay(a: Box, b: Box): boolean {
  if (a.row === b.row) return a.from < b.to + SPACE_PX && b.from < a.to + SPACE_PX;
  const [upper, lower] = a.row > b.row ? [a, b] : [b, a];
  return lower.from - LEAD_PX < upper.x && upper.x < lower.to + LEAD_PX;
}
