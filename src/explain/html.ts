import { toTimeText } from '../report/time-text.js';
import type { ExplainedLabel, Explanation } from './explanation.js';
import { toScoreText } from './number-text.js';
import { toElement, toMarkupText } from './picture/markup.js';
import { toSvg } from './picture/svg.js';
import { toInkVariables } from './picture/style.js';
import type { Turn } from './turn.js';

/** An explanation as a page that needs nothing else: the picture, and under it what happened, in words. */
export function toExplainHtml(explanation: Explanation): string {
  const { clip, labels } = explanation;
  const names = labels.map(({ trace }) => trace.label).join(', ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${toMarkupText(`${names} in ${clip} – labelcast explain`)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
${toSvg(explanation)}${labels.map(toSection).join('\n')}
</main>
</body>
</html>
`;
}

function toSection({ trace, turns, summary }: ExplainedLabel): string {
  const head = toElement('h2', {}, toMarkupText(trace.label)) + toElement('p', {}, toMarkupText(summary));
  if (turns.length === 0) return head;
  const titles = ['time', 'score', 'average', 'what', 'why'].map((title) => toElement('th', {}, title));
  const rows = [titles, ...turns.map(toCells)].map((cells) => toElement('tr', {}, cells.join('')));
  return head + toElement('table', {}, rows.join('\n'));
}

function toCells({ atMs, score, average, what, why }: Turn): string[] {
  const toText = (value: number | null) => (value === null ? '' : toScoreText(value));
  return [toTimeText(atMs), toText(score), toText(average), what, why].map((text) =>
    toElement('td', {}, toMarkupText(text)),
  );
}

const STYLE = `:root { color-scheme: light dark; ${toInkVariables('light')} }
@media (prefers-color-scheme: dark) { :root { ${toInkVariables('dark')} } }
body { margin: 0; background: var(--surface); color: var(--text); font: 14px/1.5 system-ui, sans-serif; }
main { max-width: 868px; margin: 0 auto; padding: 0 0 40px; overflow-x: auto; }
svg { display: block; max-width: 100%; height: auto; }
h2, p, table { margin: 0 14px 8px; }
h2 { margin-top: 24px; font-size: 16px; }
table { border-collapse: collapse; }
th { color: var(--quiet); font-weight: 400; text-align: start; }
th, td { padding: 2px 16px 2px 0; vertical-align: top; }
td:nth-child(-n + 3) { font-variant-numeric: tabular-nums; }`;
