import { findSegmentAt, type Lane } from './lanes.js';
import { toColorName } from '../palette.js';
import { findScoreAt } from './score-curve.js';
import type { SourceState } from './source-state.js';
import { LabelName } from './label-name.js';
import { TimeText } from './time-of.js';

const MOST = 5;

interface Standing {
  readonly lane: Lane;
  readonly holds: boolean;
  readonly score: number | null;
}

/** How the labels stand at the playhead: those that hold first, then those that come nearest, against their thresholds. */
export function NowPanel({ state }: { readonly state: SourceState }) {
  const ms = state.playheadMs.value;
  const isBlind = state.source.data.gaps.some(({ startMs, endMs }) => startMs <= ms && ms < endMs);
  const standings = isBlind ? [] : toStandings(state, ms);
  const heldCount = standings.filter(({ holds }) => holds).length;
  return (
    <section class="now" aria-label="Labels at the playhead">
      <h2>
        At <TimeText state={state} ms={ms} />
      </h2>
      {isBlind && <p class="quiet">Nothing could be seen here.</p>}
      {!isBlind && standings.length === 0 && <p class="quiet">{toNothingText(state)}</p>}
      <ul>
        {standings.slice(0, MOST).map((standing) => (
          <NowItem key={standing.lane.label.name} standing={standing} state={state} />
        ))}
      </ul>
      {heldCount > MOST && <p class="quiet">and {heldCount - MOST} more</p>}
    </section>
  );
}

function toNothingText({ lanes, source }: SourceState): string {
  if (lanes.value.length === source.labels.length) return 'No label holds here.';
  return 'None of the labels that the filter leaves holds here.';
}

function NowItem({ standing, state }: { readonly standing: Standing; readonly state: SourceState }) {
  const { lane, holds, score } = standing;
  const { label } = lane;
  return (
    <li class={holds ? undefined : 'below'}>
      <button type="button" class="lane-name" onClick={() => state.choose(label, null)}>
        <LabelName label={label} />
      </button>
      {score !== null && (
        <>
          <span class="score-bar" aria-hidden="true">
            <span style={{ width: `${score * 100}%`, background: `var(${toColorName(label.color)})` }} />
            <i style={{ left: `${label.enter * 100}%` }} />
            <i style={{ left: `${label.exit * 100}%` }} />
          </span>
          <span class="number">{score.toFixed(2)}</span>
        </>
      )}
    </li>
  );
}

function toStandings(state: SourceState, ms: number): Standing[] {
  return state.lanes.value
    .map((lane): Standing => {
      const curve = state.curveOf(lane.label);
      const score = curve === null ? null : findScoreAt(curve, ms);
      return { lane, holds: findSegmentAt(lane.segments, ms) !== null, score };
    })
    .filter(({ holds, score }) => holds || score !== null)
    .sort((a, b) => Number(b.holds) - Number(a.holds) || (b.score ?? 0) - (a.score ?? 0));
}
