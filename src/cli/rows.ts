import { toPrintable } from './messages.js';
import { toWidth } from './terminal-look.js';
import { wrap } from './wrap.js';

const KEY_WIDTH = 10;
/** Below it a value stands under its key. */
const WIDE = 50;

/** Writes keys and values for people: wrapped on a terminal, one line each elsewhere. */
export function printRows(
  rows: readonly (readonly [key: string, value: string])[],
  out: NodeJS.WriteStream,
): void {
  const width = out.isTTY ? toWidth(out) : Number.MAX_SAFE_INTEGER;
  for (const [key, value] of rows) {
    const indent = width < WIDE ? 2 : KEY_WIDTH + 2;
    const lines = width === Number.MAX_SAFE_INTEGER ? [value] : wrap(toPrintable(value), width - indent);
    const [first, ...rest] = width < WIDE ? ['', ...lines] : lines;
    out.write(
      `${`${key.padEnd(KEY_WIDTH)}  ${first}`.trimEnd()}\n${rest.map((line) => `${' '.repeat(indent)}${line}\n`).join('')}`,
    );
  }
}
