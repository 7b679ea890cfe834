import { useLayoutEffect, useRef } from 'preact/hooks';
import { LabelBars } from './label-bars.js';
import { LabelName } from './label-name.js';
import type { SourceState } from './source-state.js';
import type { ThumbnailTiles } from './thumbnail-tiles.js';
import { toShortLengthText } from '../time-text.js';
import { toTicks, toTickStep, toTickText } from '../time-ticks.js';

const TICKS = 8;
const THUMBNAILS = 8;
const THUMBNAIL_PX = 240;

/** The lanes for paper: whole, and sharp at any size. */
export function LanesFigure({ state }: { readonly state: SourceState }) {
  const { lengthMs, data } = state.source;
  const wallMs = state.wallMs.value;
  const stepMs = toTickStep(lengthMs, TICKS);
  return (
    <figure class="lanes-figure" aria-hidden="true">
      <PrintedStrip state={state} />
      <div class="lane axis">
        <div>
          {toTicks(0, lengthMs, stepMs, wallMs).map((tick) => (
            <span key={tick} style={{ left: `${(tick / lengthMs) * 100}%` }}>
              {toTickText(tick, stepMs, wallMs)}
            </span>
          ))}
        </div>
      </div>
      {state.lanes.value.map(({ label, segments, totalMs }) => (
        <div class="lane" key={label.name}>
          <span class="lane-name">
            <LabelName label={label} />
          </span>
          <LabelBars color={label.color} segments={segments} gaps={data.gaps} lengthMs={lengthMs} />
          <span class="number">{toShortLengthText(totalMs)}</span>
        </div>
      ))}
    </figure>
  );
}

function PrintedStrip({ state }: { readonly state: SourceState }) {
  if (state.tiles === null) return null;
  const { lengthMs } = state.source;
  return (
    <div class="lane strip">
      <div>
        {Array.from({ length: THUMBNAILS }, (_, n) => (
          <PrintedThumbnail key={n} tiles={state.tiles!} ms={((n + 0.5) / THUMBNAILS) * lengthMs} />
        ))}
      </div>
    </div>
  );
}

function PrintedThumbnail({ tiles, ms }: { readonly tiles: ThumbnailTiles; readonly ms: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const height = Math.round(THUMBNAIL_PX / tiles.aspect);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context) tiles.paint(context, ms, { left: 0, top: 0, width: THUMBNAIL_PX, height });
  }, [tiles, ms, height]);
  return <canvas ref={canvas} width={THUMBNAIL_PX} height={height} />;
}
