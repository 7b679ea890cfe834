import { useMemo, useState } from 'preact/hooks';
import type { ReportSegment } from '../report-data.js';
import { toCountText } from './count-text.js';
import type { Lane } from './lanes.js';
import type { LabelModel } from './report-model.js';
import type { SourceState } from './source-state.js';
import { LabelName } from './label-name.js';
import { isPrinting } from './theme.js';
import { toTimeOf } from './time-of.js';
import { toLengthText } from '../time-text.js';

const PAGE_ROWS = 100;

interface Row extends ReportSegment {
  readonly label: LabelModel;
}

const COLUMNS = [
  { id: 'label', name: 'Label', compare: (a: Row, b: Row) => compareText(a.label.name, b.label.name) },
  { id: 'start', name: 'Start', compare: (a: Row, b: Row) => a.startMs - b.startMs },
  { id: 'end', name: 'End', compare: (a: Row, b: Row) => a.endMs - b.endMs },
  { id: 'length', name: 'Length', compare: (a: Row, b: Row) => a.endMs - a.startMs - (b.endMs - b.startMs) },
  { id: 'peak', name: 'Peak', compare: (a: Row, b: Row) => a.peak - b.peak },
  { id: 'mean', name: 'Mean', compare: (a: Row, b: Row) => a.mean - b.mean },
] as const;
type ColumnId = (typeof COLUMNS)[number]['id'];

/** Every segment that the filter leaves, in words and figures: for the keyboard, for ears and for paper. */
export function SegmentsTable({ state }: { readonly state: SourceState }) {
  const [sort, setSort] = useState<{ by: ColumnId; isDown: boolean }>({ by: 'start', isDown: false });
  const [page, setPage] = useState(0);
  const lanes = state.lanes.value;
  const rows = useMemo(() => toRows(lanes, sort.by, sort.isDown), [lanes, sort]);
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const at = Math.min(page, pages - 1);
  const shown = isPrinting.value ? rows : rows.slice(at * PAGE_ROWS, (at + 1) * PAGE_ROWS);
  return (
    <section class="card segments" aria-labelledby="segments-title">
      <h2 id="segments-title">{toCountText(rows.length, 'segment')}</h2>
      <table aria-labelledby="segments-title">
        <thead>
          <tr>
            {COLUMNS.map(({ id, name }) => (
              <th
                key={id}
                scope="col"
                class={id}
                aria-sort={sort.by !== id ? 'none' : sort.isDown ? 'descending' : 'ascending'}
              >
                <button
                  type="button"
                  onClick={() => {
                    setSort({ by: id, isDown: sort.by === id && !sort.isDown });
                    setPage(0);
                  }}
                >
                  {name}
                  <span aria-hidden="true">{sort.by !== id ? '' : sort.isDown ? '↓' : '↑'}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <SegmentRow key={`${row.label.name} ${row.startMs}`} row={row} state={state} />
          ))}
        </tbody>
      </table>
      {pages > 1 && !isPrinting.value && <Pages at={at} pages={pages} onPage={setPage} />}
    </section>
  );
}

function SegmentRow({ row, state }: { readonly row: Row; readonly state: SourceState }) {
  const { label, startMs, endMs, peak, mean, isOpen } = row;
  const chosen = state.chosen.value;
  const isChosen = chosen?.label === label && chosen.segment?.startMs === startMs;
  return (
    <tr class={isChosen ? 'marked' : undefined}>
      <th scope="row" class="label">
        <span class="lane-name">
          <LabelName label={label} />
        </span>
      </th>
      <td class="start">
        <button
          type="button"
          aria-label={`Go to ${toTimeOf(state, startMs)}, ${label.name}`}
          onClick={() => state.goTo(label, label.segments.find((one) => one.startMs === startMs)!)}
        >
          {toTimeOf(state, startMs)}
        </button>
      </td>
      <td class="end">{isOpen ? 'not ended' : toTimeOf(state, endMs)}</td>
      <td class="length">{toLengthText(endMs - startMs)}</td>
      <td class="peak">{peak.toFixed(2)}</td>
      <td class="mean">{mean.toFixed(2)}</td>
    </tr>
  );
}

function Pages(props: {
  readonly at: number;
  readonly pages: number;
  readonly onPage: (page: number) => void;
}) {
  const { at, pages, onPage } = props;
  return (
    <nav class="pages" aria-label="Pages of segments">
      <button type="button" disabled={at === 0} onClick={() => onPage(at - 1)}>
        Before
      </button>
      <span class="number">
        {at + 1} of {pages}
      </span>
      <button type="button" disabled={at === pages - 1} onClick={() => onPage(at + 1)}>
        After
      </button>
    </nav>
  );
}

function toRows(lanes: readonly Lane[], by: ColumnId, isDown: boolean): Row[] {
  const { compare } = COLUMNS.find(({ id }) => id === by)!;
  const sign = isDown ? -1 : 1;
  return lanes
    .flatMap(({ label, segments }) => segments.map((segment): Row => ({ ...segment, label })))
    .sort((a, b) => sign * compare(a, b) || a.startMs - b.startMs);
}

const collator = new Intl.Collator(undefined, { numeric: true });

function compareText(a: string, b: string): number {
  return collator.compare(a, b);
}
