import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

interface LogTextOptions {
  readonly colour: boolean;
  /** People are looking on: the local time of day is enough. */
  readonly isTerminal: boolean;
}

/** Readable on dark and on light grounds. */
const STYLES: Readonly<Record<string, Style>> = {
  debug: 'dim',
  info: 'green',
  warn: ['black', 'bgYellow'],
  error: ['white', 'bgRed'],
};

/**
 * A log record (JSON with `time`, `level`, `msg` and others) as a line: `16:03:12 WARN gate-2: it is dark (cause black)`.
 * Elsewhere than on a terminal the time is RFC 3339 in UTC.
 */
export function toLogText(json: string, { colour, isTerminal }: LogTextOptions): string {
  const { time, level, msg = '', stream, ...others } = JSON.parse(json) as Record<string, unknown>;
  const at = isTerminal ? new Date(String(time)).toTimeString().slice(0, 8) : String(time);
  const style = STYLES[String(level)] ?? 'dim';
  const paint = (how: Style, text: string) =>
    colour ? styleText(how, text, { validateStream: false }) : text;
  const rest = Object.entries(others).map(([key, value]) => `${key} ${toWord(value)}`);
  const place = stream === undefined ? '' : `${toWord(stream)}: `;
  const tail = rest.length === 0 ? '' : ` ${paint('dim', `(${clean(rest.join(', '))})`)}`;
  return `${paint('dim', at)} ${paint(style, String(level).toUpperCase())} ${clean(place + String(msg))}${tail}`;
}

function toWord(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Names and messages may come from outside: nothing of them steers a terminal. */
function clean(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/\p{Cc}/gu, '\uFFFD');
}
