import type { SourceState } from './source-state.js';
import { toTimeText, toWallText } from '../time-text.js';

/** A time of a source as text, by the clock that the reader chose. */
export function toTimeOf(state: SourceState, ms: number, decimals = 1): string {
  const wallMs = state.wallMs.value;
  return wallMs === null ? toTimeText(ms, decimals) : toWallText(wallMs + ms, decimals);
}

/** The same, as an element that does not jump about when its digits change. */
export function TimeText({ state, ms }: { readonly state: SourceState; readonly ms: number }) {
  return <span class="number">{toTimeOf(state, ms)}</span>;
}
