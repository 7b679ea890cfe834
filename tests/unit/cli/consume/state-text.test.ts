import { expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { toStateText } from '../../../../src/cli/consume/state-text.js';
import { PLAIN } from '../segment-samples.js';

const NOW = new Date(2026, 0, 5, 10, 5).getTime();
const utc = (ms: number) => new Date(ms).toISOString();
const segment = {
  streamId: 'the-gate-in-the-north-of-the-yard',
  label: 'dining table',
  epoch: 'e',
  sequence: 4,
  segmentId: 's',
  startMs: 3200,
  startTime: utc(NOW - 300_000),
  lastSeenTime: utc(NOW - 5000),
  expiresTime: utc(NOW + 85_000),
  score: { current: 0.8, peak: 0.914, mean: 0.7 },
};
const long = { ...segment, streamId: 'gate-2', label: 'dog', startTime: utc(NOW - 86_400_000 * 2) };

test('on a terminal the state has local times, and the day where it is another', () => {
  const look = { ...PLAIN, width: 100 };
  const lines = toStateText([segment, long], { format: 'table', nowMs: NOW, look }).split('\n');
  expect(lines[0]).toMatch(/^Mon Jan 05 2026, times of day in /);
  expect(lines.slice(1)).toEqual(
    [
      'stream                             label                  since           for      seen  peak',
      'the-gate-in-the-north-of-the-yard  dining table        10:00:00  4 min 55 s  10:04:55  0.91',
      'gate-2                             dog           01-03 10:05:00   47 h 59 min  10:04:55  0.91',
      '',
    ].map((line) => expect.stringMatching(new RegExp(`^${line.replaceAll(/ +/g, ' +')}$`))),
  );
});

test.each([20, 40, 60, 80])('at %i columns no line is wider, and stream and label are left', (width) => {
  const text = toStateText([segment, long], { format: 'table', nowMs: NOW, look: { ...PLAIN, width } });
  const lines = text.trimEnd().split('\n');
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
  expect(lines.at(-1)).toMatch(/^gate-2 +dog/);
});

test('CSV names its columns, and of nothing only they are left', () => {
  const csv = toStateText([segment], { format: 'csv', nowMs: NOW, look: null });
  expect(csv.split('\r\n')).toEqual([
    'stream,label,startMs,startTime,lastSeenTime,expiresTime,current,peak,mean,sequence,epoch,segmentId',
    `${segment.streamId},dining table,3200,${segment.startTime},${segment.lastSeenTime},${segment.expiresTime},0.8,0.914,0.7,4,e,s`,
    '',
  ]);
  expect(toStateText([], { format: 'table', nowMs: NOW, look: null })).toBe('');
  expect(toStateText([], { format: 'json', nowMs: NOW, look: null })).toBe('');
});
