import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { toZoneText } from '../../../src/cli/clock-text.js';
import { LabelRows } from '../../../src/cli/label-row.js';
import { toLabelSummary } from '../../../src/cli/label-summary.js';
import { toLane } from '../../../src/cli/lane.js';
import { toSegmentsTable } from '../../../src/cli/segments-table.js';
import { EventWriter } from '../../../src/publish/event-writer.js';
import { eventContext, started } from '../publish/samples.js';
import { ASCII, oddLabel, oddSegments, PLAIN, segment } from './segment-samples.js';

/** Ten in the morning, wherever the test runs. */
const TEN = new Date(2026, 0, 5, 10).getTime();

const width = fc.integer({ min: 20, max: 300 });

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)));
}

test('no line of a table or a summary is wider than the terminal, whatever the labels are', () => {
  fc.assert(
    fc.property(
      oddSegments,
      width,
      fc.constantFrom(null, 1_767_600_000_000),
      (segments, width, startTimeMs) => {
        const look = { ...PLAIN, width };
        const span = {
          fromMs: 0,
          toMs: 300_000_000,
          nowMs: 250_000_000,
          fromText: '0:00',
          toText: '83:20:00.0',
        };
        expect(widest(toSegmentsTable(segments, { startTimeMs, look }))).toBeLessThanOrEqual(width);
        expect(widest(toLabelSummary(segments, { ...look, span }))).toBeLessThanOrEqual(width);
      },
    ),
    { numRuns: 200 },
  );
});

test('every segment has its line, cut or not', () => {
  fc.assert(
    fc.property(oddSegments, width, (segments, width) => {
      const table = toSegmentsTable(segments, { startTimeMs: null, look: { ...PLAIN, width } });
      expect(table.split('\n')).toHaveLength(segments.length + 1);
    }),
  );
});

test('on a terminal of 20 columns the label and its beginning are left', () => {
  const look = { ...PLAIN, width: 20 };
  const lines = toSegmentsTable([segment('dining table', 4400, 6000)], { startTimeMs: null, look }).split(
    '\n',
  );
  expect(lines).toEqual(['  label         from', '  dining tab… 0:04.4']);
});

test('elsewhere the table stays as it is, with UTC for what has times of day', () => {
  const rows = [segment('dog', 183_200, 3_784_000), segment('cat', 0, null)];
  expect(toSegmentsTable(rows, { startTimeMs: null, look: null })).toBe(
    [
      '  label    from         to    length  peak  mean',
      '  cat    0:00.0       open            0.91  0.50',
      '  dog    3:03.2  1:03:04.0  3600.8 s  0.91  0.50',
    ].join('\n'),
  );
  const startTimeMs = Date.UTC(2026, 0, 5, 9);
  expect(toSegmentsTable(rows.slice(0, 1), { startTimeMs, look: null })).toContain(
    'dog    2026-01-05T09:03:03.200Z  2026-01-05T10:03:04.000Z',
  );
});

test('a camera has local times of day, with the day when there are several', () => {
  const look = { ...PLAIN, width: 80 };
  const startTimeMs = TEN;
  const dog = segment('dog', 3000, 41_000);
  expect(toSegmentsTable([dog], { startTimeMs, look })).toMatch(/dog +10:00:03 +10:00:41 +38\.0 s/);
  const later = segment('dog', 86_400_000, 86_401_000);
  expect(toSegmentsTable([dog, later], { startTimeMs, look })).toMatch(/01-05 10:00:03(.|\n)*01-06 10:00:00/);
});

test('a lane shows how much of each cell is covered, a blink too', () => {
  const span = { fromMs: 0, toMs: 10_000 };
  const levels = PLAIN.glyphs.levels;
  expect(toLane([segment('dog', 1000, 2500), segment('dog', 9000, 10_000)], span, 10, levels)).toBe(
    ' █▄      █',
  );
  expect(toLane([segment('dog', 5000, 5001)], span, 10, levels)).toBe('     ▁    ');
  expect(toLane([segment('dog', 1000, 2500)], span, 10, ASCII.glyphs.levels)).toBe(' #-       ');
});

test('a lane has its cells, whatever the segments are', () => {
  fc.assert(
    fc.property(oddSegments, fc.integer({ min: 1, max: 80 }), (segments, cells) => {
      const lane = toLane(
        segments.map(({ startMs, endMs }) => ({ startMs, endMs: endMs ?? startMs })),
        { fromMs: 0, toMs: 100_000_000 },
        cells,
        PLAIN.glyphs.levels,
      );
      expect(stringWidth(lane)).toBe(cells);
    }),
  );
});

test('the summary counts, adds and sorts per label', () => {
  const span = { fromMs: 0, toMs: 10_000, nowMs: 8000, fromText: '0:00', toText: '0:10.0' };
  const rows = [segment('cat', 0, 1000), segment('dog', 0, 4000), segment('cat', 6000, null)];
  const lines = toLabelSummary(rows, { ...ASCII, width: 60, span }).split('\n');
  expect(lines[1]).toMatch(/^ {2}dog +1 +4\.0 s +4\.0 s +0\.91 {2}\|#+-? +\|$/);
  expect(lines[2]).toMatch(/^ {2}cat +2 +3\.0 s +2\.0 s +0\.91 {2}\|#/);
});

const { events } = new EventWriter(eventContext('gate')).write([started(0, 3000)], 0);

test('no row of consume is wider than the terminal, and all rows have their columns in the same places', () => {
  fc.assert(
    fc.property(oddLabel, oddLabel, width, (label, streamId, width) => {
      const rows = new LabelRows(() => ({ ...PLAIN, width }));
      const event = events[0]!;
      const text = rows.toText({ ...event, data: { ...event.data, label, streamId } } as typeof event);
      expect(widest(text)).toBeLessThanOrEqual(width);
      expect(rows.toText(event).split('\n')).toHaveLength(2);
    }),
    { numRuns: 300 },
  );
});

test('consume says day, zone and columns once, then local times; at 40 columns what matters is left', () => {
  const event = events[0]!;
  const data = {
    ...event.data,
    kind: 'live',
    label: 'dog',
    streamId: '10.0.0.5-stream1-of-the-north-gate~0123abcd',
    startTime: new Date(TEN + 3200).toISOString(),
  };
  const dog = { ...event, time: data.startTime, data } as typeof event;
  const rows = new LabelRows(() => ({ ...PLAIN, width: 102 }));
  expect(rows.toText(dog).split('\n').slice(0, 3)).toEqual([
    `Mon Jan 05 2026, times of day in ${toZoneText(TEN)}`,
    'time      stream                label           phase      reason               from          to  peak',
    '10:00:03  10.0.0.5-s…~0123abcd  dog             started    threshold        10:00:03              0.91',
  ]);
  expect(rows.toText(dog)).toMatch(/^10:00:03 .*\n$/);
  const narrow = new LabelRows(() => ({ ...PLAIN, width: 40 }));
  expect(narrow.toText(dog).split('\n')[2]).toMatch(/^10:00:03 10\S*…\S+ dog +started$/);
  const phone = new LabelRows(() => ({ ...PLAIN, width: 34 }));
  expect(phone.toText(dog).split('\n')[2]).toMatch(/^10:00:03 10\S*…\S+ dog +started$/);
  expect(phone.toText(dog).length).toBeLessThanOrEqual(35);
});
