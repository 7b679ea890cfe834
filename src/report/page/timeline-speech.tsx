import { toCountText } from './count-text.js';
import { toSegmentText } from './segment-text.js';
import type { SourceState } from './source-state.js';
import { toLengthText } from '../time-text.js';

/** Says what was chosen to people who hear the page. */
export function TimelineSpeech({ state }: { readonly state: SourceState }) {
  const chosen = state.chosen.value;
  const lane = state.lanes.value.find(({ label }) => label === chosen?.label);
  return (
    <output class="visually-hidden">
      {chosen !== null && (
        <>
          <bdi>{chosen.label.name}</bdi>:{' '}
          {chosen.segment !== null
            ? toSegmentText(state, chosen.segment)
            : lane !== undefined &&
              `${toCountText(lane.segments.length, 'segment')}, ${toLengthText(lane.totalMs)} in total`}
        </>
      )}
    </output>
  );
}
