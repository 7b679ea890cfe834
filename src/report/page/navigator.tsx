import { useEffect, useRef } from 'preact/hooks';
import { effect } from '@preact/signals';
import type { SourceState } from './source-state.js';

/** Which part of the whole is in view; a click or a drag goes elsewhere. The keys of the timeline do the same. */
export function Navigator({ state }: { readonly state: SourceState }) {
  const track = useRef<HTMLDivElement>(null);
  const thumb = useRef<HTMLDivElement>(null);
  useEffect(
    () =>
      effect(() => {
        const { startMs, endMs } = state.view.range.value;
        const { lengthMs } = state.view;
        track.current!.dataset.whole = String(state.view.isWhole);
        thumb.current!.style.left = `${(startMs / lengthMs) * 100}%`;
        thumb.current!.style.width = `${((endMs - startMs) / lengthMs) * 100}%`;
      }),
    [state],
  );
  const follow = (event: PointerEvent) => {
    const { left, width } = track.current!.getBoundingClientRect();
    const { startMs, endMs } = state.view.range.peek();
    state.view.pan(((event.clientX - left) / width) * state.view.lengthMs - (startMs + endMs) / 2);
  };
  return (
    <div
      class="navigator"
      ref={track}
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
      }}
    >
      <div class="thumb" ref={thumb} />
    </div>
  );
}
