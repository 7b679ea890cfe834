export type Theme = 'light' | 'dark';

/**
 * Colours of labels, by turns. Each stands out 3:1 from the surface of its theme, and any two stay apart in the eyes of
 * people who see no red, no green or no blue; tests/unit/report/palette.test.ts computes both.
 */
export const LABEL_COLORS: Readonly<Record<Theme, readonly string[]>> = {
  light: ['#2f6fc1', '#d9652c', '#2f9580', '#9a1f63', '#9d78d8', '#6f5600', '#263a86'],
  dark: ['#4f97dc', '#f0905a', '#3fc9b2', '#b04f7f', '#c5b3f2', '#e8c560', '#6268c8'],
};

/** What the canvas is painted with beside them, and the surface it lies on. */
export const INKS: Readonly<Record<Theme, Inks>> = {
  light: {
    surface: '#ffffff',
    text: '#17202a',
    quiet: '#5a6672',
    line: '#e3e7eb',
    hover: '#f1f4f7',
    hatch: '#9aa5b1',
    blind: '#eef0f3',
  },
  dark: {
    surface: '#14191f',
    text: '#e8edf2',
    quiet: '#98a4b0',
    line: '#262e37',
    hover: '#1b222a',
    hatch: '#66727f',
    blind: '#1e252d',
  },
};

export interface Inks {
  readonly surface: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly hover: string;
  readonly hatch: string;
  readonly blind: string;
}

/** The CSS name of a label's colour. */
export function toColorName(color: number): string {
  return `--label-${color}`;
}
