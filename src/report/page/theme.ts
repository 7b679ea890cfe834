import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { toThemedStyle } from '../../explain/picture/style.js';
import { LABEL_COLORS, type Theme, toColorName } from '../palette.js';

const STORED = 'labelcast-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const paper = matchMedia('print');

const systemTheme = signal<Theme>(system.matches ? 'dark' : 'light');
const chosen = signal<Theme | null>(readStored());
const printing = signal(paper.matches);

/** The theme in force: paper is light, else what the reader chose, else what the system prefers. */
export const theme: ReadonlySignal<Theme> = computed(() =>
  printing.value ? 'light' : (chosen.value ?? systemTheme.value),
);

/** Whether the page is on its way to a printer, and must be whole. */
export const isPrinting: ReadonlySignal<boolean> = printing;

export function chooseTheme(wanted: Theme): void {
  chosen.value = wanted;
  try {
    localStorage.setItem(STORED, wanted);
  } catch {
    // Without storage, which a browser may refuse to a file, the choice holds for this visit.
  }
}

/** Puts the theme and the colours of labels into the styles of the page, now and whenever they change. */
export function followTheme(): void {
  const { style } = document.documentElement;
  for (const [color, light] of LABEL_COLORS.light.entries())
    style.setProperty(toColorName(color), `light-dark(${light}, ${LABEL_COLORS.dark[color]})`);
  system.addEventListener('change', () => {
    systemTheme.value = system.matches ? 'dark' : 'light';
  });
  paper.addEventListener('change', () => {
    printing.value = paper.matches;
  });
  addEventListener('beforeprint', () => {
    printing.value = true;
  });
  addEventListener('afterprint', () => {
    printing.value = paper.matches;
  });
  // The page's policy lets in no other style than its own, but what its script makes is its own.
  const ofPictures = new CSSStyleSheet();
  document.adoptedStyleSheets.push(ofPictures);
  effect(() => {
    style.colorScheme = theme.value;
    ofPictures.replaceSync(toThemedStyle(theme.value));
  });
}

function readStored(): Theme | null {
  try {
    const stored = localStorage.getItem(STORED);
    return stored === 'light' || stored === 'dark' ? stored : null;
  } catch {
    return null;
  }
}
