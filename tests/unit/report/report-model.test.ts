import { expect, test } from '@jest/globals';
import { findFirstAfter, findSegmentAt, type LaneOrder, toLanes } from '../../../src/report/page/lanes.js';
import { toSourceModels } from '../../../src/report/page/report-model.js';
import type { ReportLabel, ReportSource } from '../../../src/report/report-data.js';
import { toSampleReport, toSampleSource } from '../../e2e/report-samples.js';

function label(name: string, spans: readonly (readonly [number, number])[], peak = 0.9): ReportLabel {
  const segments = spans.map(([startMs, endMs]) => ({ startMs, endMs, peak, mean: 0.5, isOpen: false }));
  return { label: name, enter: 0.5, exit: 0.3, segments, scores: null };
}

function source(labels: readonly ReportLabel[], rest: Partial<ReportSource> = {}): ReportSource {
  return { ...toSampleSource('clips/a.mp4', { labels: [], durationMs: 10_000 }), labels, ...rest };
}

const LABELS = [
  label('cat', [
    [6000, 9000],
    [1000, 2000],
  ]),
  label('dog 10', [[0, 2500]], 0.95),
  label('dog 9', [[500, 1000]], 0.8),
];

test('time with a label is counted once, and blind time too', () => {
  const gaps = [
    { startMs: 3000, endMs: 4000 },
    { startMs: 3500, endMs: 5000 },
  ];
  const [model] = toSourceModels(toSampleReport(source(LABELS, { gaps })));
  expect(model).toMatchObject({
    title: 'a.mp4',
    place: 'clips/',
    segmentCount: 4,
    labelledMs: 5500,
    blindMs: 2000,
  });
  expect(model!.labels[0]).toMatchObject({ name: 'cat', totalMs: 4000, peak: 0.9 });
  expect(model!.labels[0]!.segments.map(({ startMs }) => startMs)).toEqual([1000, 6000]);
});

test('a timeline reaches to whatever ends last, and a live source keeps its whole name', () => {
  const live = source([label('cat', [[0, 12_000]])], { name: 'rtsp://cam/1', kind: 'live' });
  const [model] = toSourceModels(toSampleReport(live));
  expect(model).toMatchObject({ lengthMs: 12_000, title: 'rtsp://cam/1', place: '' });
});

test('what was removed from the journal is known as such, in time of the source', () => {
  const times = { startTime: '2026-01-05T10:00:00.000Z', wholeFromTime: '2026-01-05T10:00:04.000Z' };
  const [pruned, whole] = toSourceModels(toSampleReport(source(LABELS, times), source(LABELS)));
  expect([pruned!.wholeFromMs, whole!.wholeFromMs]).toEqual([4000, 0]);
});

test('a label has one colour in all sources, and labels of one source have different ones', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const of = (list: readonly string[]) => source(list.map((name, n) => label(name, [[0, 9000 - n]])));
  const models = toSourceModels(toSampleReport(of(names), of(['h', 'a']), of([...names].reverse())));
  const colors = models.map(({ labels }) => new Map(labels.map(({ name, color }) => [name, color])));
  expect(new Set(colors[0]!.values()).size).toBe(7);
  expect(colors[1]!.get('a')).toBe(colors[0]!.get('a'));
  expect(colors[1]!.get('h')).not.toBe(colors[1]!.get('a'));
  for (const name of names) expect(colors[2]!.get(name)).toBe(colors[0]!.get(name));
});

const ORDERS: [LaneOrder, string[]][] = [
  ['total', ['cat', 'dog 10', 'dog 9']],
  ['first', ['dog 10', 'dog 9', 'cat']],
  ['name', ['cat', 'dog 9', 'dog 10']],
  ['peak', ['dog 10', 'cat', 'dog 9']],
];

test.each(ORDERS)('lanes are sorted by %s', (order, names) => {
  const [model] = toSourceModels(toSampleReport(source(LABELS)));
  const lanes = toLanes(model!.labels, { query: '', minMs: 0, order });
  expect(lanes.map((lane) => lane.label.name)).toEqual(names);
});

test('the filter takes any part of any name between commas, whatever its case or width', () => {
  const [model] = toSourceModels(toSampleReport(source(LABELS)));
  const find = (query: string, minMs = 0) =>
    toLanes(model!.labels, { query, minMs, order: 'name' }).map((lane) => lane.label.name);
  expect(find('DOG')).toEqual(['dog 9', 'dog 10']);
  expect(find(' ｃａｔ , 10,')).toEqual(['cat', 'dog 10']);
  expect(find('bird')).toEqual([]);
});

test('short segments are left out, and labels that have no other', () => {
  const [model] = toSourceModels(toSampleReport(source(LABELS)));
  const lanes = toLanes(model!.labels, { query: '', minMs: 2000, order: 'total' });
  expect(lanes.map(({ label: { name }, totalMs }) => [name, totalMs])).toEqual([
    ['cat', 3000],
    ['dog 10', 2500],
  ]);
});

test('a segment holds from its start up to its end', () => {
  const [model] = toSourceModels(toSampleReport(source(LABELS)));
  const { segments } = model!.labels[0]!;
  expect([999, 1000, 1999, 2000].map((ms) => findSegmentAt(segments, ms)?.startMs)).toEqual([
    undefined,
    1000,
    1000,
    undefined,
  ]);
  expect([0, 2000, 8999, 9000].map((ms) => findFirstAfter(segments, ms))).toEqual([0, 1, 1, 2]);
});
