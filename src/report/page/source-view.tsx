import { useEffect, useMemo } from 'preact/hooks';
import { isAddress } from '../report-data.js';
import { changePlace } from './address.js';
import { LanesFigure } from './lanes-figure.js';
import { NowPanel } from './now-panel.js';
import { Player } from './player.js';
import type { SourceModel } from './report-model.js';
import { SegmentsTable } from './segments-table.js';
import { SourceFacts } from './source-facts.js';
import { SourceState } from './source-state.js';
import { isPrinting } from './theme.js';
import { Timeline } from './timeline.js';
import { TimelineTools } from './timeline-tools.js';
import { WhyPanel } from './why-panel.js';

/** All about one source: its figures, its picture, its lanes and its segments. */
export function SourceView({ source }: { readonly source: SourceModel }) {
  const state = useMemo(() => new SourceState(source), [source]);
  useEffect(() => () => state.close(), [state]);
  useEffect(
    () =>
      state.view.range.subscribe(({ startMs, endMs }) => {
        changePlace(state.view.isWhole ? { startMs: null, endMs: null } : { startMs, endMs });
      }),
    [state],
  );
  const isSeen = state.tiles !== null || source.data.video !== null;
  return (
    <>
      <SourceFacts source={source} />
      {isPrinting.value ? (
        <LanesFigure state={state} />
      ) : (
        <>
          <div class={isSeen ? 'scene' : 'scene without-picture'}>
            {isSeen && <Player state={state} />}
            {!isSeen && source.data.kind === 'file' && !isAddress(source.data.name) && (
              <p class="quiet">
                There are no pictures: the file was gone, or another one, when this was made.
              </p>
            )}
            {source.labels.length > 0 && <NowPanel state={state} />}
          </div>
          <section class="card" aria-label="Timeline">
            <TimelineTools state={state} />
            <Timeline state={state} />
          </section>
        </>
      )}
      <WhyPanel state={state} />
      {source.labels.length > 0 && <SegmentsTable state={state} />}
    </>
  );
}
