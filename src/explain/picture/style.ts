import { INKS, LABEL_COLORS, type Theme } from '../../report/palette.js';

/** Styles of a picture: the palette of the report, light or dark as the reader's system prefers. */
export function toPictureStyle(): string {
  return `.explain { ${toInkVariables('light')} }
@media (prefers-color-scheme: dark) { .explain { ${toInkVariables('dark')} } }
${RULES}`;
}

/** The same in one theme, for a page that chooses it. */
export function toThemedStyle(theme: Theme): string {
  return `.explain { ${toInkVariables(theme)} }\n${RULES}`;
}

/** The inks of a theme as CSS variables. */
export function toInkVariables(theme: Theme): string {
  const { surface, text, quiet, line, hatch, blind } = INKS[theme];
  const inks = { surface, text, quiet, line, hatch, blind };
  const colors = LABEL_COLORS[theme].map((color, n) => [`label-${n}`, color] as const);
  return [...Object.entries(inks), ...colors].map(([name, value]) => `--${name}: ${value};`).join(' ');
}

/** How many colours labels have by turns. */
export const COLOR_COUNT = LABEL_COLORS.light.length;

const RULES = `.explain text { font: 12px system-ui, sans-serif; fill: var(--text); }
.explain .clip { font-size: 15px; font-weight: 600; }
.explain .label { font-size: 14px; font-weight: 600; }
.explain .small { font-size: 11px; }
.explain .quiet { fill: var(--quiet); }
.explain .note { paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round; }
.explain .surface { fill: var(--surface); }
.explain .rule { stroke: var(--line); }
.explain .lead { stroke: var(--quiet); stroke-opacity: 0.6; }
.explain .point { fill: var(--surface); stroke: var(--color); stroke-width: 2px; }
.explain .dots { fill: none; stroke: var(--quiet); stroke-width: 4px; stroke-linecap: round; stroke-opacity: 0.75; }
.explain .scores { fill: none; stroke: var(--quiet); stroke-width: 0.8px; stroke-opacity: 0.5; stroke-linejoin: round; }
.explain .average { fill: none; stroke: var(--color); stroke-width: 1.7px; stroke-linejoin: round; }
.explain .threshold { stroke: var(--text); }
.explain .enter { stroke-dasharray: 5 3; }
.explain .exit { stroke-dasharray: 1 3; }
.explain .segment-time { fill: var(--color); fill-opacity: 0.14; }
.explain .segment, .explain .stay { fill: var(--color); }
.explain .off { fill: var(--hatch); }
.explain .blind { fill: url(#hatch); }
.explain .hatch-ground { fill: var(--blind); }
.explain .hatch-line { stroke: var(--hatch); }`;
