import { toElement } from './markup.js';

/** The pattern of where nothing could be seen, which drawings refer to. */
export const HATCH = toElement(
  'pattern',
  { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
  toElement('rect', { class: 'hatch-ground', width: 6, height: 6 }) +
    toElement('line', { class: 'hatch-line', x1: 0, x2: 0, y1: 0, y2: 6 }),
);
