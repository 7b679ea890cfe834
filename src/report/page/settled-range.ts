import { useEffect, useState } from 'preact/hooks';
import type { Span } from '../report-data.js';
import type { SourceState } from './source-state.js';

/** A picture takes too long to be drawn with every step of a pan. */
const SETTLED_MS = 120;

/** The part of a timeline in view, once it has stood still. */
export function useSettledRange({ view }: SourceState): Span {
  const [range, setRange] = useState(view.range.peek());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = view.range.subscribe((now) => {
      clearTimeout(timer);
      timer = setTimeout(() => setRange(now), SETTLED_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [view]);
  return range;
}
