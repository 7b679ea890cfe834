import { useEffect, useRef } from 'preact/hooks';
import { openCurvePlot } from './curve-plot.js';
import { findSegmentAt } from './lanes.js';
import { findScoreAt } from './score-curve.js';
import { toSegmentText } from './segment-text.js';
import type { SourceState } from './source-state.js';
import { LabelName } from './label-name.js';
import { TimeMarkers } from './time-markers.js';
import { timelineLayout } from './timeline-layout.js';

/** The raw scores of the label that is pointed at or chosen, between its thresholds. */
export function CurvePanel({ state }: { readonly state: SourceState }) {
  const host = useRef<HTMLDivElement>(null);
  const layout = timelineLayout.value;
  useEffect(() => {
    const box = host.current!;
    const plot = openCurvePlot(box, state);
    const observer = new ResizeObserver(() => plot.resize(box.clientWidth, box.clientHeight));
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.close();
    };
  }, [state, layout]);
  return (
    <div class="curve">
      <CurveFacts state={state} />
      <div class="curve-scale number quiet" aria-hidden="true">
        <span>1.0</span>
        <span>0.5</span>
        <span>0.0</span>
      </div>
      <div class="curve-stage">
        <div class="canvas-host" ref={host} role="img" aria-label={toCurveText(state)} />
        <TimeMarkers state={state} />
      </div>
    </div>
  );
}

function CurveFacts({ state }: { readonly state: SourceState }) {
  const label = state.label.value;
  if (label === null) return null;
  const pointedAt = state.pointedAt.value;
  const lane = pointedAt?.lane ?? null;
  const pointed = lane === null ? null : findSegmentAt(lane.segments, pointedAt!.ms);
  const chosen = state.chosen.value?.label === label ? state.chosen.value.segment : null;
  const segment = pointed ?? (lane === null ? chosen : null);
  const curve = state.curveOf(label);
  const ms = pointedAt?.ms ?? state.playheadMs.value;
  const score = curve === null ? null : findScoreAt(curve, ms);
  return (
    <div class="curve-facts">
      <h3 class="lane-name">
        <LabelName label={label} />
      </h3>
      <p class="number">{segment !== null && toSegmentText(state, segment)}</p>
      <p class="number quiet">
        {curve === null ? 'No scores were kept.' : score === null ? '' : `score ${score.toFixed(2)}`}
      </p>
    </div>
  );
}

function toCurveText(state: SourceState): string {
  const label = state.label.value;
  if (label === null) return 'Scores';
  return `Scores of ${label.name}, enter ${label.enter.toFixed(2)}, exit ${label.exit.toFixed(2)}`;
}
