import { expect, test } from '@jest/globals';
import { gainsOf, judgeBars, loadLimit } from '../../../bench/gpu/bars.js';
import { toMarkdown } from '../../../bench/gpu/markdown.js';
import { emptyResults, type LiveRow, type OrtRow, type Results } from '../../../bench/gpu/results.js';

const NANO = 'sgfn-nano-coco80';
const LARGE = 'sgfn-tresnet-l-448';

function ort(batch: number, framesPerSecond: number, more: Partial<OrtRow> = {}): OrtRow {
  const subject = { model: NANO, precision: 'fp16', device: 'cuda' } as const;
  return { ...subject, batch, framesPerSecond, batchMs: (batch / framesPerSecond) * 1000, runs: 9, ...more };
}

function live(loadPercent: number, p95Ms: number | null): LiveRow {
  return {
    device: 'cuda',
    loadPercent,
    streams: 9,
    fps: 5,
    seconds: 30,
    scored: 1350,
    dropped: 0,
    p50Ms: 20,
    p95Ms,
  };
}

/** What a device that reaches everything gives. */
function toGood(): Results {
  const results = emptyResults('bench gpu', '2026-01-05T10:00:00.000Z');
  results.ort.push(
    ort(1, 1000),
    ort(32, 4000),
    ort(1, 300, { model: LARGE }),
    ort(64, 1300, { model: LARGE }),
  );
  const inference = { precision: 'fp16', device: 'cuda', batch: 32, rounds: 3 } as const;
  results.inference.push(
    { ...inference, model: NANO, framesPerSecond: 3800, bareFramesPerSecond: 4000 },
    { ...inference, model: LARGE, framesPerSecond: 1200, bareFramesPerSecond: 1300 },
  );
  results.decode.push(
    { clip: 'a.mp4', decoders: 1, framesPerSecond: 100 },
    { clip: 'a.mp4', decoders: 16, framesPerSecond: 1000 },
  );
  const files = { model: NANO, precision: 'fp16', device: 'cuda', files: 32, frames: 30_000 } as const;
  results.files.push({ ...files, framesPerSecond: 900, startSeconds: 2 });
  results.live.push(live(50, 100), live(80, 200), live(100, 900));
  const scores = { model: NANO, precision: 'fp16', device: 'cuda', frames: 96 } as const;
  results.scores.push({ ...scores, maxDifference: 0.004, f1At50: 0.995, segments: 40 });
  return results;
}

const verdicts = (results: Results) => judgeBars(results).map(({ verdict }) => verdict);

test('a device that is good enough reaches every bar', () => {
  expect(judgeBars(toGood()).map(({ value }) => value)).toEqual([
    '0.92',
    '3800',
    '1200',
    '4.33',
    '0.90',
    '200',
    '0.0040',
    '0.995',
  ]);
  expect(verdicts(toGood())).toEqual(Array(8).fill('reached'));
});

test('without figures nothing is reached and nothing is missed', () => {
  const results = emptyResults('bench gpu', '2026-01-05T10:00:00.000Z');
  expect(verdicts(results)).toEqual(Array(8).fill('not measured'));
});

test('figures of other devices say nothing of CUDA', () => {
  const { ort, inference, decode, files, live, scores, ...rest } = toGood();
  const onCpu = <T extends object>(rows: readonly T[]) =>
    rows.map((row) => ({ ...row, device: 'cpu' as const }));
  const others = { ort: onCpu(ort), inference: onCpu(inference), files: onCpu(files), decode };
  const results = { ...rest, ...others, live: onCpu(live), scores: onCpu(scores) };
  expect(verdicts(results)).toEqual(Array(8).fill('not measured'));
});

test('one that falls short of a bar misses that bar', () => {
  const slow = toGood();
  slow.inference[0] = { ...slow.inference[0]!, framesPerSecond: 2999, bareFramesPerSecond: 4000 };
  slow.scores.push({ ...slow.scores[0]!, maxDifference: 0.02, f1At50: 0.9 });
  slow.live[1] = live(80, null);
  expect(verdicts(slow)).toEqual([
    'not reached',
    'not reached',
    'reached',
    'reached',
    'reached',
    'not reached',
    'not reached',
    'not reached',
  ]);
});

test('the batching gain is of one model and precision, and needs both sides', () => {
  expect(gainsOf([ort(1, 10), ort(8, 30), ort(16, 20)])).toEqual([3]);
  expect(gainsOf([ort(1, 10), ort(8, 30, { precision: 'fp32' })])).toEqual([]);
});

test('the load limit is the lower of decoding and inference, and unknown without either', () => {
  expect(loadLimit(toGood(), 'cuda')).toBe(1000);
  expect(loadLimit(toGood(), 'cpu')).toBeNull();
  expect(loadLimit({ ...toGood(), decode: [] }, 'cuda')).toBeNull();
});

test('the report has a table of each step with figures, and what was not run in words', () => {
  const results = toGood();
  results.notRun.push({ what: 'ort: x on webgpu', reason: 'there is no adapter' });
  results.decode.length = 0;
  const text = toMarkdown(results, judgeBars(results));
  expect(text).toContain(`| ${NANO} | fp16 | cuda | 32 | 4000.0 | 8.00 |`);
  expect(text).toContain(`| ${NANO} | fp16 | cuda | 32 | 3800.0 | 4000.0 | 0.95 |`);
  expect(text).toContain('| cuda | 80 | 9 × 5 | 30 | 1350 | 0 | 20 | 200 |');
  expect(text).toContain('## Not run\n\n* ort: x on webgpu: there is no adapter\n');
  expect(text).not.toContain('## Decode limit');
});
