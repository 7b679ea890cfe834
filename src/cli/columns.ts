import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';

/** A column of a table; its first cell may be a heading. */
export interface Column {
  readonly cells: readonly string[];
  readonly align?: 'right';
  /** Columns with the highest number are left out first when there is no room; none or 0: never. */
  readonly rank?: number;
  /** May be cut down to this width, at its end or in the middle; none: it is shown whole. */
  readonly cut?: { readonly toWidth: number; readonly at: 'end' | 'middle' };
  /** Its width before anything is cut, when the cells of later lines are not known; none: that of its widest cell. */
  readonly width?: number;
  /** Colours a cell that is already cut and padded. */
  readonly paint?: (text: string, row: number) => string;
}

interface Fitting {
  /** Null: as wide as it becomes. */
  readonly width: number | null;
  /** Stands for what was cut off; one column wide. */
  readonly ellipsis: string;
}

/** Lines of columns, none wider than `width`: columns are cut first, then left out, then the last ones are cut short. */
export function layOut(columns: readonly Column[], { width, ellipsis }: Fitting): string[] {
  const gap = width !== null && width < 50 ? 1 : 2;
  const chosen = width === null ? columns.map(toPlaced) : choose(columns.map(toPlaced), gap, width);
  const rows = Math.max(0, ...columns.map(({ cells }) => cells.length));
  return Array.from({ length: rows }, (_, row) =>
    chosen
      .map((column, n) => toCell(column, row, { ellipsis, isLast: n === chosen.length - 1 }))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

/** ASCII and the signs that are drawn: one column each, known without asking. */
const NARROW = /^[ -~…×━─▁-█]*$/;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** Cuts a text to a width, by grapheme and not by character. */
export function cutTo(text: string, width: number, ellipsis: string, at: 'end' | 'middle' = 'end'): string {
  if (width <= 0) return '';
  if (widthOf(text) <= width) return text;
  const cut = cliTruncate(text, width, { position: at, truncationCharacter: ellipsis });
  // a sign of two columns on the edge may be left whole
  return widthOf(cut) > width ? cutTo(text, width - 1, ellipsis, at) : cut;
}

interface Placed extends Column {
  readonly natural: number;
  readonly width: number;
}

function toPlaced(column: Column): Placed {
  const natural = column.width ?? column.cells.reduce((most, cell) => Math.max(most, widthOf(cell)), 0);
  return { ...column, natural, width: natural };
}

function choose(columns: readonly Placed[], gap: number, width: number): readonly Placed[] {
  const fitted = shrink(columns, width - gap * (columns.length - 1));
  if (fitted !== null) return fitted;
  const rank = Math.max(...columns.map((column) => column.rank ?? 0));
  if (rank > 0)
    return choose(
      columns.toSpliced(
        columns.findLastIndex((one) => one.rank === rank),
        1,
      ),
      gap,
      width,
    );
  return squeeze(columns, gap, width);
}

/** The columns with the widest of those that may be cut made narrower; null: that is not enough. */
function shrink(columns: readonly Placed[], room: number): Placed[] | null {
  const widths = columns.map(({ natural }) => natural);
  for (let over = widths.reduce((sum, one) => sum + one, 0) - room; over > 0; over--) {
    let widest = -1;
    columns.forEach(({ cut }, n) => {
      if (cut !== undefined && widths[n]! > cut.toWidth && (widest < 0 || widths[n]! > widths[widest]!))
        widest = n;
    });
    if (widest < 0) return null;
    widths[widest]! -= 1;
  }
  return columns.map((column, n) => ({ ...column, width: widths[n]! }));
}

/** What must be shown, in the order given, as far as there is room. */
function squeeze(columns: readonly Placed[], gap: number, width: number): Placed[] {
  let left = width;
  const shown: Placed[] = [];
  for (const column of columns) {
    const room = Math.min(column.cut?.toWidth ?? column.natural, column.natural, left);
    if (room > 0) shown.push({ ...column, width: room });
    left -= room + gap;
  }
  return shown;
}

function toCell(
  { cells, align, cut, paint, width }: Placed,
  row: number,
  { ellipsis, isLast }: { readonly ellipsis: string; readonly isLast: boolean },
): string {
  const text = cutTo(cells[row] ?? '', width, ellipsis, cut?.at);
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  const padded = align === 'right' ? space + text : isLast ? text : text + space;
  return paint === undefined ? padded : paint(padded, row);
}
