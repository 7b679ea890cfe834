import { toHint } from '../config/did-you-mean.js';
import { toWords } from '../config/problem-words.js';
import type { LabelSpan } from './truth.js';
import { type PlacedSpan, type PlacedTruth, refuseTruth } from './truth-problem.js';
import { truthSchema } from './truth-schema.js';

/** Reads truth in JSON. Throws ConfigError that lists every problem with its place. */
export function readTruthJson(text: string, file: string): PlacedTruth {
  const parsed = truthSchema.safeParse(parse(text, file), { error: toWords });
  if (!parsed.success) throw refuseTruth(file, parsed.error.issues.flatMap(toLines));
  const { durationMs, labels, segments, optional } = parsed.data;
  return {
    durationMs,
    labels,
    segments: place(segments, 'segments'),
    optional: place(optional, 'optional'),
  };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')); // of editors on Windows
  } catch (cause) {
    throw refuseTruth(file, [`not JSON: ${(cause as Error).message}`], cause);
  }
}

function place(spans: readonly LabelSpan[], key: string): PlacedSpan[] {
  return spans.map((span, n) => ({ ...span, at: `${key}[${n}]` }));
}

type Issue = NonNullable<ReturnType<typeof truthSchema.safeParse>['error']>['issues'][number];

function toLines(issue: Issue): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${key}: unknown key${toHint(key, Object.keys(truthSchema.shape))}`);
  return [`${toPath(issue.path)}: ${issue.message}`];
}

function toPath(path: readonly PropertyKey[]): string {
  const steps = path.map((key, n) =>
    typeof key === 'number' ? `[${key}]` : `${n > 0 ? '.' : ''}${String(key)}`,
  );
  return steps.join('') || '(top level)';
}
