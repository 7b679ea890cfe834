import { useEffect, useRef, useState } from 'preact/hooks';
import { CurvePanel } from './curve-panel.js';
import { LaneNames } from './lane-names.js';
import { Navigator } from './navigator.js';
import { toNoLabelText } from './no-label.js';
import type { SourceState } from './source-state.js';
import { TimeMarkers } from './time-markers.js';
import { pressTimelineKey, TIMELINE_KEYS } from './timeline-keys.js';
import { timelineLayout, toHeadPx } from './timeline-layout.js';
import { TimelineSpeech } from './timeline-speech.js';
import { openTimelineStage } from './timeline-stage.js';
import { TimelineTip } from './timeline-tip.js';

/** Thumbnails, time and lanes of a source on a canvas that is zoomed and moved, with the curve of one label under it. */
export function Timeline({ state }: { readonly state: SourceState }) {
  const frame = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [isScrollable, setScrollable] = useState(false);
  const layout = timelineLayout.value;
  const headPx = toHeadPx(layout, state.tiles !== null);
  const laneCount = state.lanes.value.length;
  useEffect(() => {
    const elements = {
      frame: frame.current!,
      rows: rows.current!,
      stage: stage.current!,
      host: host.current!,
    };
    return openTimelineStage(elements, state, setScrollable);
  }, [state, layout]);
  return (
    <div
      class="timeline"
      ref={frame}
      style={{ '--row': `${layout.rowPx}px`, '--head': `${headPx}px`, '--inset': `${layout.insetPx}px` }}
    >
      <div class="rows" ref={rows}>
        <LaneNames state={state} rows={rows} />
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- an application takes keys */}
        <div
          class="stage"
          ref={stage}
          role="application"
          aria-roledescription="timeline"
          aria-label="Timeline of labels"
          aria-describedby="timeline-keys"
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- an application takes the focus
          tabIndex={0}
          onKeyDown={(event) => {
            if (pressTimelineKey(event, state)) event.preventDefault();
          }}
        >
          <div ref={host} class="canvas-host" />
          <TimeMarkers state={state} hasTime />
          {laneCount === 0 && <p class="no-lanes">{toEmptyText(state)}</p>}
        </div>
      </div>
      <TimelineTip state={state} />
      <Navigator state={state} />
      {laneCount > 0 && <CurvePanel state={state} />}
      <p class="keys" id="timeline-keys">
        {TIMELINE_KEYS.map(({ keys, does }) => (
          <span key={does}>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}{' '}
            {does}{' '}
          </span>
        ))}
        <span>
          Drag pans, {isScrollable ? 'the wheel with Ctrl' : 'the wheel'} zooms, a click goes there.
        </span>
      </p>
      <TimelineSpeech state={state} />
    </div>
  );
}

function toEmptyText({ source }: SourceState): string {
  return source.labels.length > 0 ? 'Nothing is left by this filter.' : toNoLabelText(source.data);
}
