import { toClause, toPrintable } from '../messages.js';
import { type TerminalLook, toLook, toWidth } from '../terminal-look.js';
import { wrap } from '../wrap.js';
import type { Finding } from './finding.js';

const STATUS_WIDTH = 4;
const NAME_WIDTH = 8;
/** Below it what was found stands under its heading. */
const WIDE = 50;
const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** A finding as lines for people, none wider than `width`; null: one line, however long. Each of its issues begins one more. */
export function toFindingLines(
  { name, status, text, remedy, issues = [] }: Finding,
  { width, look }: { readonly width: number | null; readonly look: TerminalLook },
): string[] {
  const gap = width !== null && width < WIDE ? ' ' : '  ';
  const sign = look.paint(COLOURS[status], status) + ' '.repeat(STATUS_WIDTH - status.length);
  const said = toPrintable(text);
  const advised = remedy === null ? null : toClause(toPrintable(remedy));
  if (width === null) {
    const advice = advised === null ? '' : `; ${advised}`;
    const items = issues.map((issue) => `  - ${toPrintable(issue)}`);
    return [`${sign}${gap}${name.padEnd(NAME_WIDTH)}${gap}${said}${advice}`, ...items];
  }
  const arrow = `${look.glyphs.arrow} `;
  const indent = width < WIDE ? 2 : STATUS_WIDTH + NAME_WIDTH + 2 * gap.length;
  const advice = advised === null ? [] : wrap(advised, width - indent - arrow.length);
  const body = [
    ...wrap(said, width - indent),
    ...issues.flatMap((issue) => toItem(toPrintable(issue), width - indent)),
    ...advice.map((line, n) => (n === 0 ? arrow : ' '.repeat(arrow.length)) + line),
  ].map((line) => ' '.repeat(indent) + line);
  if (width < WIDE) return [`${sign}${gap}${name}`, ...body];
  return [`${sign}${gap}${name.padEnd(NAME_WIDTH)}${gap}${body[0]!.trimStart()}`, ...body.slice(1)];
}

function toItem(issue: string, width: number): string[] {
  return wrap(issue, width - 2).map((line, n) => (n === 0 ? '- ' : '  ') + line);
}

/** Writes a finding as it suits the stream: wrapped on a terminal, one line elsewhere, and one for each of its issues. */
export function printFinding(finding: Finding, out: NodeJS.WriteStream): void {
  const width = out.isTTY ? toWidth(out) : null;
  const lines = toFindingLines(finding, { width, look: toLook(out, process.env) });
  out.write(lines.map((line) => `${line}\n`).join(''));
}

/** What all of it comes to, in one line. */
export function toVerdict(findings: readonly Finding[]): string {
  const count = (status: Finding['status'], one: string): string[] => {
    const many = findings.filter((finding) => finding.status === status).length;
    return many === 0 ? [] : [`${many} ${one}${many === 1 ? '' : 's'}`];
  };
  const parts = [...count('fail', 'fault'), ...count('warn', 'warning')];
  return parts.length === 0 ? 'nothing is wrong' : parts.join(', ');
}
