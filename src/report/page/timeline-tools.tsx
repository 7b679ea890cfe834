import { address, changeAddress } from './address.js';
import { LANE_ORDERS, type LaneOrder } from './lanes.js';
import { isOnWall, type SourceState } from './source-state.js';
import { toAnchor } from './timeline-keys.js';

const ORDER_NAMES: Readonly<Record<LaneOrder, string>> = {
  total: 'longest in total',
  first: 'first seen',
  name: 'name',
  peak: 'highest peak',
};

/** What is to be seen of a source, in which order, and how near. */
export function TimelineTools({ state }: { readonly state: SourceState }) {
  const { onWall } = address.value;
  const { source, view } = state;
  return (
    <div class="tools">
      {source.labels.length > 0 && <LaneTools />}
      {source.wallMs !== null && (
        <label class="check">
          <input
            type="checkbox"
            checked={isOnWall(source, onWall)}
            onChange={(event) => changeAddress({ onWall: event.currentTarget.checked })}
          />
          Time of day
        </label>
      )}
      <fieldset class="zoom-buttons">
        <legend class="visually-hidden">Zoom</legend>
        <button type="button" aria-label="Zoom out" onClick={() => view.zoom(2, toAnchor(state))}>
          −
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => view.zoom(0.5, toAnchor(state))}>
          +
        </button>
        <button type="button" disabled={view.isWhole} onClick={() => view.fit()}>
          Fit
        </button>
      </fieldset>
    </div>
  );
}

function LaneTools() {
  const { query, minMs, order } = address.value;
  return (
    <>
      <label class="field">
        <span>Labels</span>
        <input
          type="search"
          value={query}
          placeholder="cat, dog"
          onInput={(event) => changeAddress({ query: event.currentTarget.value })}
        />
      </label>
      <label class="field short">
        <span>At least (seconds)</span>
        <input
          type="number"
          min="0"
          step="0.5"
          value={minMs / 1000}
          onInput={(event) =>
            changeAddress({ minMs: Math.max(0, event.currentTarget.valueAsNumber * 1000 || 0) })
          }
        />
      </label>
      <label class="field">
        <span>Sorted by</span>
        <select
          value={order}
          onChange={(event) => changeAddress({ order: event.currentTarget.value as LaneOrder })}
        >
          {LANE_ORDERS.map((one) => (
            <option key={one} value={one}>
              {ORDER_NAMES[one]}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
