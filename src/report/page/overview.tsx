import { address, changeAddress, toLink } from './address.js';
import { toCountText } from './count-text.js';
import { LabelBars } from './label-bars.js';
import { toLanes, toMatcher } from './lanes.js';
import { toNoLabelText } from './no-label.js';
import type { SourceModel } from './report-model.js';
import { LabelName } from './label-name.js';
import { Poster } from './poster.js';
import { SourceTitle } from './source-title.js';
import { toDateText, toLengthText, toShortLengthText } from '../time-text.js';

const SHOWN_LABELS = 4;

/** All sources of the report, each with its first labels; the filter finds labels and names of sources. */
export function Overview({ sources }: { readonly sources: readonly SourceModel[] }) {
  const { query } = address.value;
  const isWanted = toMatcher(query);
  const shown = sources.filter(
    ({ data, labels }) => isWanted(data.name) || labels.some(({ name }) => isWanted(name)),
  );
  if (sources.length === 0) return <EmptyReport />;
  const lengthMs = sources.reduce((sum, source) => sum + source.lengthMs, 0);
  const segmentCount = sources.reduce((sum, source) => sum + source.segmentCount, 0);
  const labels = new Set(sources.flatMap((source) => source.labels.map(({ name }) => name)));
  return (
    <>
      <div class="overview-head">
        <div>
          <h1>{toCountText(sources.length, 'source')}</h1>
          <p class="quiet">
            {toLengthText(lengthMs)} of video, {toCountText(segmentCount, 'segment')} of{' '}
            {toCountText(labels.size, 'label')}
          </p>
        </div>
        <label class="field">
          <span>Labels or names</span>
          <input
            type="search"
            value={query}
            placeholder="dog, gate-2"
            onInput={(event) => changeAddress({ query: event.currentTarget.value })}
          />
        </label>
      </div>
      <output class="visually-hidden">
        {query === '' ? '' : `${shown.length} of ${toCountText(sources.length, 'source')}`}
      </output>
      <ul class="overview">
        {shown.map((source) => (
          <OverviewItem key={source.data.streamId} source={source} />
        ))}
      </ul>
      {shown.length === 0 && (
        <p class="empty">
          No label and no source is called “<bdi>{query}</bdi>”.
        </p>
      )}
    </>
  );
}

function EmptyReport() {
  return (
    <div class="empty">
      <h1>Nothing was tagged</h1>
      <p>
        The journal that this report was made from holds no stream. <code>labelcast tag</code> fills one.
      </p>
    </div>
  );
}

function OverviewItem({ source }: { readonly source: SourceModel }) {
  const { data, title, place, labels, segmentCount, lengthMs, wallMs } = source;
  const { query } = address.value;
  const lanes = toLanes(labels, { query, minMs: 0, order: 'total' });
  const first = (lanes.length > 0 ? lanes : toLanes(labels, { query: '', minMs: 0, order: 'total' })).slice(
    0,
    SHOWN_LABELS,
  );
  const more = labels.length - first.length;
  return (
    <li class="overview-item">
      <Poster source={source} />
      <div class="overview-name">
        <h2>
          <a href={toLink(data.streamId)}>
            <SourceTitle title={title} />
          </a>
        </h2>
        {place !== '' && (
          <p class="place">
            <bdi>{place}</bdi>
          </p>
        )}
        <p class="quiet">
          {toLengthText(lengthMs)}, {toCountText(segmentCount, 'segment')}
          {wallMs !== null && <span class="begin">{toDateText(wallMs)}</span>}
        </p>
        {data.state !== 'completed' && (
          <p class={data.state}>{data.state === 'failed' ? 'Failed' : 'Still being tagged'}</p>
        )}
      </div>
      {first.length === 0 ? (
        <p class="quiet overview-lanes">{toNoLabelText(data)}</p>
      ) : (
        <ul class="overview-lanes">
          {first.map(({ label, segments }) => (
            <li key={label.name}>
              <span class="lane-name">
                <LabelName label={label} />
              </span>
              <LabelBars color={label.color} segments={segments} gaps={data.gaps} lengthMs={lengthMs} />
              <span class="number">{toShortLengthText(label.totalMs)}</span>
            </li>
          ))}
          {more > 0 && <li class="quiet more">and {toCountText(more, 'more label')}</li>}
        </ul>
      )}
    </li>
  );
}
