import type { SourceState } from './source-state.js';

const STEP = 0.1;
const CLOSER = 0.7;

/** What can be done to a focused timeline with keys; shown under it, in this order. */
export const TIMELINE_KEYS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['←', '→'], does: 'pan' },
  { keys: ['+', '−'], does: 'zoom' },
  { keys: ['0'], does: 'all of it' },
  { keys: ['↑', '↓'], does: 'label' },
  { keys: [',', '.'], does: 'segment before, after' },
  { keys: ['Enter'], does: 'zoom to the segment' },
  { keys: ['Space'], does: 'play' },
  { keys: ['Esc'], does: 'choose nothing' },
];

/** Does what a key means on a timeline; false when it means nothing there. */
export function pressTimelineKey(event: KeyboardEvent, state: SourceState): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { startMs, endMs } = state.view.range.peek();
  const stepMs = (endMs - startMs) * (event.shiftKey ? 5 * STEP : STEP);
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => state.view.pan(-stepMs),
    ArrowRight: () => state.view.pan(stepMs),
    ArrowUp: () => state.stepLane(-1),
    ArrowDown: () => state.stepLane(1),
    '+': () => state.view.zoom(CLOSER, toAnchor(state)),
    '=': () => state.view.zoom(CLOSER, toAnchor(state)),
    '-': () => state.view.zoom(1 / CLOSER, toAnchor(state)),
    '0': () => state.view.fit(),
    Home: () => state.view.pan(Number.NEGATIVE_INFINITY),
    End: () => state.view.pan(Number.POSITIVE_INFINITY),
    ',': () => state.stepSegment(-1),
    '.': () => state.stepSegment(1),
    Enter: () => zoomToChosen(state),
    ' ': () => state.togglePlayback(),
    Escape: () => state.chooseNothing(),
  };
  const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
  action?.();
  return action !== undefined;
}

/** Zooming by key or button keeps the playhead where it is, if it is in view. */
export function toAnchor(state: SourceState): number {
  const { startMs, endMs } = state.view.range.peek();
  const at = state.playheadMs.peek();
  return at > startMs && at < endMs ? at : (startMs + endMs) / 2;
}

function zoomToChosen(state: SourceState): void {
  const segment = state.chosen.peek()?.segment;
  if (segment === null || segment === undefined) return;
  const margin = Math.max(500, (segment.endMs - segment.startMs) * 0.5);
  state.view.show(segment.startMs - margin, segment.endMs + margin);
}
