import { toCountText } from './count-text.js';
import type { SourceModel } from './report-model.js';
import { SourceTitle } from './source-title.js';
import { toDateText, toLengthText } from '../time-text.js';

/** What a source is and what was found in it, in a few figures. */
export function SourceFacts({ source }: { readonly source: SourceModel }) {
  const { data, title, place, labels, segmentCount, labelledMs, blindMs, lengthMs, wallMs, wholeFromMs } =
    source;
  const knownMs = lengthMs - wholeFromMs;
  const share = knownMs > 0 ? Math.round((labelledMs / knownMs) * 100) : 0;
  return (
    <div class="source-facts">
      <div class="source-name">
        {place !== '' && (
          <p class="place">
            <bdi>{place}</bdi>
          </p>
        )}
        <h1>
          <SourceTitle title={title} />
        </h1>
        <p class="quiet">
          {data.kind === 'live' ? 'Live stream' : 'Video file'}
          {wallMs !== null && `, begins ${toDateText(wallMs)}`}
          {wallMs !== null && wholeFromMs > 0 && `; known from ${toDateText(wallMs + wholeFromMs)} on`}
        </p>
      </div>
      <dl class="figures">
        <Figure name="length" value={toLengthText(lengthMs)} />
        <Figure name={labels.length === 1 ? 'label' : 'labels'} value={labels.length.toLocaleString('en')} />
        <Figure
          name={segmentCount === 1 ? 'segment' : 'segments'}
          value={segmentCount.toLocaleString('en')}
        />
        <Figure name="labelled" value={`${share} %`} />
        {blindMs > 0 && <Figure name="unseen" value={toLengthText(blindMs)} />}
      </dl>
      <StateNote source={source} />
    </div>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function StateNote({ source: { data } }: { readonly source: SourceModel }) {
  if (data.state === 'completed') return null;
  const openCount = data.labels.flatMap(({ segments }) => segments).filter(({ isOpen }) => isOpen).length;
  return data.state === 'failed' ? (
    <p class="note failed">
      <strong>It failed.</strong> <bdi>{data.failure ?? 'No cause was recorded.'}</bdi> What was found before
      is shown.
    </p>
  ) : (
    <p class="note">
      It was still being tagged when this report was made
      {openCount > 0 && `; ${toCountText(openCount, 'segment')} had not ended`}.
    </p>
  );
}
