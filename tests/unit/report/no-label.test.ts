import { expect, test } from '@jest/globals';
import { toNoLabelText } from '../../../src/report/page/no-label.js';
import { toSampleSource } from '../../e2e/report-samples.js';

test('what was never seen has not been without a label', () => {
  const source = toSampleSource('gate', { labels: [], gaps: [] });
  const { durationMs } = source;
  expect(toNoLabelText(source)).toBe('No label reached its threshold.');
  expect(toNoLabelText({ ...source, state: 'open' })).toBe('No label has reached its threshold yet.');
  const blind = { ...source, gaps: [{ startMs: 0, endMs: durationMs }] };
  expect(toNoLabelText(blind)).toBe('Nothing could be seen.');
  expect(toNoLabelText({ ...source, gaps: [{ startMs: 0, endMs: durationMs - 1 }] })).toBe(
    'No label reached its threshold.',
  );
});
