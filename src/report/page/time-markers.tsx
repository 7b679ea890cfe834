import { useEffect, useRef } from 'preact/hooks';
import { effect } from '@preact/signals';
import type { SourceState } from './source-state.js';
import { toTimeOf } from './time-of.js';

/** Two upright lines over a plot: where the playhead is, and where the pointer is. */
export function TimeMarkers({ state, hasTime }: { readonly state: SourceState; readonly hasTime?: boolean }) {
  const playhead = useRef<HTMLDivElement>(null);
  const pointer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const stopPlayhead = effect(() => place(playhead.current, state, state.playheadMs.value));
    const stopPointer = effect(() => place(pointer.current, state, state.pointedAt.value?.ms ?? null));
    return () => {
      stopPlayhead();
      stopPointer();
    };
  }, [state]);
  return (
    <div class={hasTime ? 'markers with-time' : 'markers'} aria-hidden="true">
      <div class="playhead" ref={playhead} />
      <div class="pointer" ref={pointer} />
    </div>
  );
}

function place(line: HTMLDivElement | null, state: SourceState, ms: number | null): void {
  if (line === null) return;
  const { startMs, endMs } = state.view.range.value;
  const share = ms === null ? -1 : (ms - startMs) / (endMs - startMs);
  line.hidden = share < 0 || share > 1;
  if (line.hidden || ms === null) return;
  line.style.left = `${share * 100}%`;
  line.style.setProperty('--share', String(share));
  line.dataset.time = toTimeOf(state, ms);
}
