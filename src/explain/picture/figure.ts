import type { Thresholds } from '../../types.js';
import type { ExplainedLabel } from '../explanation.js';
import type { BlindTime, TracePoint } from '../label-trace.js';
import { type Stay, toStays } from '../stays.js';
import type { Turn } from '../turn.js';
import type { TimeSpan } from './frame.js';

/** What is drawn of a label, over a span of media time; all of it by time. */
export interface Figure extends TimeSpan {
  readonly thresholds: Thresholds;
  readonly points: readonly FigurePoint[];
  readonly stays: readonly Stay[];
  /** Null: it goes on. */
  readonly segments: readonly { readonly startMs: number; readonly endMs: number | null }[];
  readonly blind: readonly BlindTime[];
  readonly turns: readonly FigureTurn[];
}

export type FigurePoint = Omit<TracePoint, 'phase'>;
export type FigureTurn = Pick<Turn, 'atMs' | 'kind' | 'average' | 'note'>;

export function toFigure({ trace, turns }: ExplainedLabel): Figure {
  return { ...trace, stays: toStays(trace), turns };
}
