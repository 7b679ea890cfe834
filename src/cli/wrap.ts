import wrapAnsi from 'wrap-ansi';

/** A text in lines no wider than `width`, between words where they fit, each behind the indent. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines = wrapAnsi(text, Math.max(1, width - indent.length), { hard: true }).split('\n');
  return lines.map((line) => indent + line);
}
