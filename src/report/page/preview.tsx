import { useEffect, useRef } from 'preact/hooks';
import { effect } from '@preact/signals';
import type { SourceState } from './source-state.js';
import { toTimeText } from '../time-text.js';

/** The thumbnail nearest to the playhead, or to the pointer while it is over the timeline. */
export function Preview({ state }: { readonly state: SourceState }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    const { tiles } = state;
    if (!context || tiles === null) return;
    return effect(() => {
      const ms = state.pointedAt.value?.ms ?? state.playheadMs.value;
      const { width, height } = context.canvas;
      if (tiles.isReady()) tiles.paint(context, ms, { left: 0, top: 0, width, height });
    });
  }, [state]);
  const { tiles } = state;
  if (tiles === null) return <div class="no-preview">No picture was kept of it.</div>;
  const at = toTimeText(state.playheadMs.value);
  return (
    <canvas
      ref={canvas}
      width={640}
      height={Math.round(640 / tiles.aspect)}
      role="img"
      aria-label={`Thumbnail at ${at}`}
    />
  );
}
