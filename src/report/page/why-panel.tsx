import { address, changeAddress } from './address.js';
import { LabelPicture } from './label-picture.js';
import type { LabelModel } from './report-model.js';
import type { SourceState } from './source-state.js';
import { isPrinting } from './theme.js';
import { TurnsTable } from './turns-table.js';
import { useSettledRange } from './settled-range.js';

/** Why segments of a label began, or did not: its picture over the time in view, and the same in words. */
export function WhyPanel({ state }: { readonly state: SourceState }) {
  const label = toExplained(state);
  const { isExplained } = address.value;
  if (label === null || (isPrinting.value && !isExplained)) return null;
  return (
    <section class="card why" aria-labelledby="why-title">
      <h2 id="why-title">
        <button
          type="button"
          aria-expanded={isExplained}
          onClick={() => changeAddress({ isExplained: !isExplained })}
        >
          Why segments began, or did not
        </button>
      </h2>
      {isExplained && <Why state={state} label={label} />}
    </section>
  );
}

/** The label that is chosen, else the first one. */
function toExplained({ chosen, lanes, source }: SourceState): LabelModel | null {
  return chosen.value?.label ?? lanes.value[0]?.label ?? source.labels[0] ?? source.nearLabels[0] ?? null;
}

function Why({ state, label }: { readonly state: SourceState; readonly label: LabelModel }) {
  const settled = useSettledRange(state);
  const range = isPrinting.value ? { startMs: 0, endMs: state.source.lengthMs } : settled;
  const { explanation } = label;
  const { smoothing } = state.source.data;
  return (
    <>
      <div class="why-head">
        <LabelChoice state={state} label={label} />
        {explanation !== null && (
          <p>
            <bdi>{label.name}</bdi>: {explanation.summary}
          </p>
        )}
        {smoothing !== undefined && (
          <p class="quiet">
            {smoothing.fps} frames/s, halfLifeMs {smoothing.halfLifeMs}, minOnMs {smoothing.minOnMs}, minOffMs{' '}
            {smoothing.minOffMs}
          </p>
        )}
      </div>
      {explanation === null ? (
        <p class="why-none">{toNoneText(state)}</p>
      ) : (
        <>
          <p class="quiet">
            Dots or the thin line are scores, the thick line is their moving average, shaded is a segment.
          </p>
          <LabelPicture state={state} label={label} explanation={explanation} range={range} />
          <TurnsTable state={state} label={label} turns={explanation.turns} range={range} />
        </>
      )}
    </>
  );
}

function LabelChoice({ state, label }: { readonly state: SourceState; readonly label: LabelModel }) {
  const { labels, nearLabels } = state.source;
  const choose = (name: string) => {
    const chosen = [...labels, ...nearLabels].find((one) => one.name === name);
    if (chosen !== undefined) state.choose(chosen, null);
  };
  const toOption = ({ name }: LabelModel) => (
    <option key={name} value={name}>
      {name.trim() === '' ? 'blank' : name}
    </option>
  );
  if (isPrinting.value) return null;
  return (
    <label class="field">
      <span>Label</span>
      <select value={label.name} onChange={(event) => choose(event.currentTarget.value)}>
        <optgroup label="With segments">{labels.map(toOption)}</optgroup>
        {nearLabels.length > 0 && (
          <optgroup label="Without one, but near">{nearLabels.map(toOption)}</optgroup>
        )}
      </select>
    </label>
  );
}

function toNoneText({ source }: SourceState): string {
  if (source.data.kind === 'live')
    return 'Of a live stream no average is kept. Record a minute of it: labelcast explain draws that.';
  return 'What was kept of this label does not lead to its segments, or is of an older version. labelcast explain draws it anew.';
}
