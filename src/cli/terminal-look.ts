import { styleText } from 'node:util';

type Environment = Readonly<Record<string, string | undefined>>;
type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** The signs that are drawn, each one column wide unless it says otherwise. */
export interface Glyphs {
  readonly ellipsis: string;
  readonly times: string;
  /** One or two columns wide. */
  readonly arrow: string;
  readonly barDone: string;
  readonly barLeft: string;
  /** From a trace to full. */
  readonly levels: readonly string[];
}

/** How text is shown on a stream. */
export interface TerminalLook {
  readonly glyphs: Glyphs;
  readonly paint: Paint;
}

const UNICODE: Glyphs = {
  ellipsis: '…',
  times: '×',
  arrow: '→',
  barDone: '━',
  barLeft: '─',
  levels: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};
const ASCII: Glyphs = {
  ellipsis: '~',
  times: 'x',
  arrow: '->',
  barDone: '#',
  barLeft: '-',
  levels: ['.', '-', '=', '#'],
};

/** The look of a stream: colours when it is a terminal, unless NO_COLOR or FORCE_COLOR says otherwise; signs as its locale has them. */
export function toLook(stream: { readonly isTTY?: boolean }, env: Environment): TerminalLook {
  return { glyphs: isUtf8(env) ? UNICODE : ASCII, paint: toPaint(isColourWanted(stream, env)) };
}

/** FORCE_COLOR (not 0 or false) beats NO_COLOR, and both beat what the stream is. */
export function isColourWanted({ isTTY }: { readonly isTTY?: boolean }, env: Environment): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM: term } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return !refused && isTTY === true && term !== 'dumb';
}

export function toPaint(isWanted: boolean): Paint {
  return isWanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

/** How tables are fitted to standard output; null: it is no terminal, and they stay as they are. */
export function toTableLook(
  stream: NodeJS.WriteStream = process.stdout,
): (TerminalLook & { readonly width: number }) | null {
  return stream.isTTY ? { ...toLook(stream, process.env), width: toWidth(stream) } : null;
}

/** Columns of a terminal; 80 where it does not say. */
export function toWidth({ columns }: { readonly columns?: number }): number {
  return columns === undefined || columns < 1 ? 80 : columns;
}

function isUtf8({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}
