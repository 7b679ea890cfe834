import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { toCountText } from './count-text.js';
import type { SourceState } from './source-state.js';
import { LabelName } from './label-name.js';
import { toShortLengthText } from '../time-text.js';

/** The names of the lanes, beside them or above them; a click chooses a lane. */
export function LaneNames(props: {
  readonly state: SourceState;
  readonly rows: RefObject<HTMLDivElement | null>;
}) {
  const { state, rows } = props;
  const chosen = state.chosen.value?.label ?? null;
  const lanes = state.lanes.value;
  const pointed = state.pointedAt.value?.lane?.label ?? null;
  useEffect(() => {
    const at = rows.current?.querySelector('.lane-names [aria-pressed="true"]')?.parentElement;
    if (at && rows.current) scrollIntoRows(rows.current, at);
  }, [chosen, lanes, rows]);
  return (
    <div class="lane-names">
      <p class="lanes-head quiet">{toCountText(lanes.length, 'label')}</p>
      <ul>
        {lanes.map(({ label, totalMs }) => (
          <li key={label.name} class={label === pointed || label === chosen ? 'marked' : undefined}>
            <button
              type="button"
              class="lane-name"
              title={label.name}
              aria-pressed={label === chosen}
              onClick={() => state.choose(label, null)}
            >
              <LabelName label={label} />
            </button>
            <span class="number quiet">{toShortLengthText(totalMs)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Below the head that stands still, and within the rows only: the page stays where it is. */
function scrollIntoRows(rows: HTMLElement, item: HTMLElement): void {
  const head = rows.querySelector<HTMLElement>('.lanes-head')?.offsetHeight ?? 0;
  const top = item.offsetTop - head;
  if (top < rows.scrollTop) rows.scrollTop = top;
  const bottom = item.offsetTop + item.offsetHeight - rows.clientHeight;
  if (bottom > rows.scrollTop) rows.scrollTop = bottom;
}
