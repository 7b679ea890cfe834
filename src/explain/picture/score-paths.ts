import { line } from 'd3-shape';
import type { Figure, FigurePoint } from './figure.js';
import type { PlotFrame } from './frame.js';

type Seen = Pick<Figure, 'points' | 'blind'>;

type Value = 'score' | 'average';

/** A line through scores or averages, broken where nothing could be seen. */
export function toLinePath(seen: Seen, value: Value, { toX, toY }: PlotFrame): string {
  const draw = line<FigurePoint | null>()
    .digits(1)
    .defined((point) => point !== null)
    .x((point) => toX(point!.atMs))
    .y((point) => toY(point![value]));
  const parts = toSeenParts(seen).map((part) => thin(part, value, toX));
  return draw(parts.flatMap((part) => [...part, null])) ?? '';
}

/** A dot for each frame, drawn by a line with round ends. */
export function toDotsPath({ points }: Pick<Figure, 'points'>, { toX, toY }: PlotFrame): string {
  const frames = points.filter(({ isHeld }) => !isHeld);
  return frames.map(({ atMs, score }) => `M${toX(atMs).toFixed(1)},${toY(score).toFixed(1)}h0`).join('');
}

function toSeenParts({ points, blind }: Seen): FigurePoint[][] {
  const starts = blind.map(({ endMs }) => points.findIndex(({ atMs }) => atMs >= endMs)).filter((n) => n > 0);
  const edges = [0, ...starts, points.length];
  return edges.slice(1).map((end, n) => points.slice(edges[n], end));
}

/** Where many points share a pixel column: its first, lowest, highest and last one, so that the line looks the same. */
function thin(points: readonly FigurePoint[], value: Value, toX: PlotFrame['toX']): FigurePoint[] {
  const columns = new Map<number, FigurePoint[]>();
  for (const point of points) {
    const column = Math.floor(toX(point.atMs));
    const held = columns.get(column);
    if (held === undefined) columns.set(column, [point]);
    else held.push(point);
  }
  return [...columns.values()].flatMap((column) => {
    if (column.length <= 4) return column;
    const byValue = [...column].sort((a, b) => a[value] - b[value]);
    const kept = new Set([column[0]!, byValue[0]!, byValue.at(-1)!, column.at(-1)!]);
    return column.filter((point) => kept.has(point));
  });
}
