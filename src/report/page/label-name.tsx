import { toColorName } from '../palette.js';
import type { LabelModel } from './report-model.js';

/** A label by its colour and its name, which may be any text of any direction, or none. */
export function LabelName({ label }: { readonly label: LabelModel }) {
  return (
    <>
      <span class="swatch" style={{ background: `var(${toColorName(label.color)})` }} aria-hidden="true" />
      {label.name.trim() === '' ? <i>blank</i> : <bdi>{label.name}</bdi>}
    </>
  );
}
