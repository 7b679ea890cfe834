import { expect, test } from '@jest/globals';
import { type LocatedSegment, toSegmentsCsv } from '../../../src/publish/segments-csv.js';

const SEGMENT: LocatedSegment = {
  path: '/videos/my cat.mp4',
  segmentId: '4c9622d4-5c79-5376-92fc-b2217a42a975',
  streamId: 'cat~0a1b2c3d',
  epoch: 'fbea1f3d-b194-55ba-bec4-edb56ca4c555',
  label: 'dog',
  startMs: 200,
  endMs: 3_723_004,
  startReason: 'threshold',
  endReason: 'end-of-stream',
  score: { peak: 0.91, mean: 0.744 },
  frames: { observed: 3, expected: 3 },
  sourceUri: 'file:///videos/my%20cat.mp4',
  startTimeMs: null,
};

const HEADER =
  'path,stream,source,label,startMs,endMs,start,end,durationMs,peak,mean,startReason,endReason,segmentId,startTime,endTime\r\n';

test('a segment is one line, times also as people read them', () => {
  expect(toSegmentsCsv([SEGMENT])).toBe(
    `${HEADER}/videos/my cat.mp4,cat~0a1b2c3d,file:///videos/my%20cat.mp4,dog,200,3723004,0:00:00.200,1:02:03.004,3722804,0.91,0.744,` +
      'threshold,end-of-stream,4c9622d4-5c79-5376-92fc-b2217a42a975,,\r\n',
  );
});

test('what an open segment lacks is empty, and what needs quotes has them', () => {
  const open = { ...SEGMENT, label: 'dog, "big"\nand wet', endMs: null, endReason: null };
  expect(toSegmentsCsv([open])).toBe(
    `${HEADER}/videos/my cat.mp4,cat~0a1b2c3d,file:///videos/my%20cat.mp4,"dog, ""big""\nand wet",200,,0:00:00.200,,,0.91,0.744,` +
      'threshold,,4c9622d4-5c79-5376-92fc-b2217a42a975,,\r\n',
  );
});

test('where the source has a clock, the times of a segment are UTC too', () => {
  const timesOf = (segment: LocatedSegment) => toSegmentsCsv([segment]).trimEnd().split(',').slice(-2);
  const startTimeMs = Date.parse('2026-01-05T10:00:00.000Z');
  expect(timesOf({ ...SEGMENT, startTimeMs })).toEqual([
    '2026-01-05T10:00:00.200Z',
    '2026-01-05T11:02:03.004Z',
  ]);
  expect(timesOf({ ...SEGMENT, startTimeMs, endMs: null })).toEqual(['2026-01-05T10:00:00.200Z', '']);
});

test('what a spreadsheet would take for a formula has a quote in front', () => {
  const labelsOf = (label: string) =>
    toSegmentsCsv([{ ...SEGMENT, label }])
      .split('%20cat.mp4,')[1]!
      .split(',200,')[0];
  expect(['=1+1', '+49', '-1', '@SUM(A1)', '\tdog', '\rdog', 'dog =1', '🐕', 'كلب'].map(labelsOf)).toEqual([
    "'=1+1",
    "'+49",
    "'-1",
    "'@SUM(A1)",
    "'\tdog",
    '"\'\rdog"',
    'dog =1',
    '🐕',
    'كلب',
  ]);
});

test('no segments are a header alone', () => {
  expect(toSegmentsCsv([])).toBe(HEADER);
});
