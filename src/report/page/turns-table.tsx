import { toScoreText } from '../../explain/number-text.js';
import type { Turn } from '../../explain/turn.js';
import type { Span } from '../report-data.js';
import type { LabelModel } from './report-model.js';
import type { SourceState } from './source-state.js';
import { toTimeOf } from './time-of.js';

const MOST_ROWS = 40;

interface TurnsTableProps {
  readonly state: SourceState;
  readonly label: LabelModel;
  readonly turns: readonly Turn[] | null;
  readonly range: Span;
}

/** What happened to a label in the time in view, in words. */
export function TurnsTable({ state, label, turns, range }: TurnsTableProps) {
  if (turns === null)
    return <p class="quiet">Too much happened to be told here; labelcast explain --from --to tells it.</p>;
  const shown = turns.filter(({ atMs }) => atMs >= range.startMs && atMs <= range.endMs);
  if (shown.length === 0) return <p class="quiet">Nothing happened to it here.</p>;
  const more = shown.length - MOST_ROWS;
  return (
    <>
      <div class="why-turns">
        <table aria-label={`What happened to ${label.name}`}>
          <thead>
            <tr>
              {['Time', 'Score', 'Average', 'What', 'Why'].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, MOST_ROWS).map((turn) => (
              <tr key={`${turn.atMs} ${turn.kind}`}>
                <td class="number">
                  <button type="button" onClick={() => state.seek(turn.atMs)}>
                    {toTimeOf(state, turn.atMs)}
                  </button>
                </td>
                <td class="number">{turn.score === null ? '' : toScoreText(turn.score)}</td>
                <td class="number">{turn.average === null ? '' : toScoreText(turn.average)}</td>
                <td>{turn.what}</td>
                <td>{turn.why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more > 0 && <p class="quiet">and {more} more: zoom in to see them</p>}
    </>
  );
}
