import { expect, test } from '@jest/globals';
import { explained, type Scene } from './traces.js';

/** `ms kind: what; why`, one a turn. */
function told(scene: Scene): string[] {
  return explained(scene).turns.map(({ atMs, kind, what, why }) => `${atMs} ${kind}: ${what}; ${why}`);
}

function notes(scene: Scene): string[] {
  return explained(scene).turns.flatMap(({ atMs, note }) => (note === null ? [] : [`${atMs} ${note}`]));
}

// s at 0, 200 …: 0 .5 .75 .88 .44 .22 .11 .05 .03
const ONE_SEGMENT = { scores: [0, 1, 1, 1, 0, 0, 0, 0, 0, 0] };

test('a segment is told by what it reached, when it was sure, and where it fell', () => {
  expect(told(ONE_SEGMENT)).toEqual([
    '200 reached: reached enter; the average reached enter, 0.50',
    '600 began: began, from 0.2 s on; not below exit for 0.4 s; minOnMs is 400',
    '1000 fell: fell below exit; the average is below exit, 0.25',
    '1600 ended: ended, at 1.0 s; below exit for 0.6 s; minOffMs is 600',
  ]);
  expect(notes(ONE_SEGMENT)).toEqual([
    '200 reached enter at 0.2 s',
    '1000 below exit at 1.0 s, ended 0.6 s later',
  ]);
  expect(explained(ONE_SEGMENT).summary).toBe('1 segment, 0.8 s in all');
});

test('score and average are those of the observation', () => {
  const [reached, began, fell] = explained(ONE_SEGMENT).turns;
  expect([reached, began, fell].map((turn) => [turn!.score, turn!.average])).toEqual([
    [1, 0.5],
    [1, 0.875],
    [0, 0.21875],
  ]);
});

test('a start that does not last is dropped, and no segment says why', () => {
  // s .5 pending at 200, .25 at 400, .12 at 600
  const scene = { scores: [0, 1, 0, 0, 0, 0] };
  expect(told(scene)).toEqual([
    '200 reached: reached enter; the average reached enter, 0.50',
    '600 dropped: dropped after 0.4 s; below exit, 0.25, before it was sure; minOnMs is 400',
  ]);
  expect(notes(scene)).toEqual(['600 pending 0.4 s: too short, dropped']);
});

test.each<[string, Scene, string]>([
  [
    'reached enter and never stayed',
    { scores: [0, 1, 0, 0, 0, 0] },
    'no segment: the average reached enter, 0.50, 1 time (highest 0.50 at 0.2 s), never for minOnMs, 400',
  ],
  [
    'never came near',
    { scores: [0, 0.1, 0] },
    'no segment: the average never reached enter, 0.50; highest 0.05 at 0.2 s, and of a score 0.10',
  ],
  [
    'came so near that two decimals do not tell it from enter',
    { scores: [0.4996, 0] },
    'no segment: the average never reached enter, 0.5000; highest 0.4996 at 0.0 s, and of a score 0.4996',
  ],
  ['has no frame', { scores: [] }, 'no segment: no frame was scored'],
])('a label that %s says why it has no segment', (_, scene, summary) => {
  expect(explained(scene).summary).toBe(summary);
});

test('a near miss says whether the scores were too low or too brief', () => {
  // s 0 .22 .33 .17 .08 …, then 0 .45 .22
  expect(told({ scores: [0, 0.44, 0.44, 0, 0, 0, 0, 0] })).toEqual([
    '400 missed: came to 0.33 only; no score reached enter, 0.50; the highest was 0.44',
  ]);
  const brief = { scores: [0, 0.9, 0, 0, 0] };
  expect(told(brief)).toEqual([
    '200 missed: came to 0.45 only; scores reached 0.90, too briefly for an average of halfLifeMs 200',
  ]);
  expect(notes(brief)).toEqual(['200 came to 0.45, enter is 0.50']);
});

test('a rise that goes on to a start is no near miss', () => {
  // s 0 .10 .15 .27 .37 .45 .53: the score of 200 is at enter, that of 400 is not
  const scene = { scores: [0, 0.6, 0.45, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9], smoothing: { halfLifeMs: 800 } };
  expect(told(scene)[0]).toBe(
    '1200 reached: reached enter; the average reached enter, 0.50, 0.6 s after the scores; halfLifeMs is 800',
  );
});

test('a near miss is told at the highest average, also where that is below exit', () => {
  const scene = { scores: [0, 0.6, 0.45, 0.4, 0, 0, 0], smoothing: { halfLifeMs: 800 } };
  expect(told(scene)).toEqual([
    '600 missed: came to 0.19 only; scores reached 0.60, too briefly for an average of halfLifeMs 800',
  ]);
});

test('a label that was low for less than minOffMs went on', () => {
  // s .5 .75 .88 .94 .47 .23 .62 …: closing at 1200, back at 1400
  const scene = { scores: [0, 1, 1, 1, 1, 0, 0, 1, 1, 1] };
  expect(told(scene).slice(2, 4)).toEqual([
    '1200 fell: fell below exit; the average is below exit, 0.25',
    '1400 recovered: went on; back at exit, 0.25, after 0.2 s; minOffMs is 600',
  ]);
  expect(notes(scene)).toEqual([
    '200 reached enter at 0.2 s',
    '1200 below exit at 1.2 s for 0.2 s: went on',
    '2000 clip over: ended',
  ]);
});

test('without minOnMs and minOffMs both sides of a segment happen at once', () => {
  const scene = { scores: [0, 1, 0, 0, 0], smoothing: { minOnMs: 0, minOffMs: 0 } };
  expect(told(scene).map((line) => line.split(';')[0])).toEqual([
    '200 reached: reached enter',
    '200 began: began, from 0.2 s on',
    '600 fell: fell below exit',
    '600 ended: ended, at 0.6 s',
  ]);
  expect(notes(scene)).toEqual(['200 reached enter at 0.2 s', '600 below exit at 0.6 s, ended']);
});

test('blindness ends what is on and drops what is pending, at the last frame before it', () => {
  const blind = [null, null, null, null, null, null];
  const scene = { scores: [1, 1, 1, ...blind, 1, ...blind, 0] };
  expect(told(scene)).toEqual([
    '0 reached: reached enter; the average reached enter, 0.50',
    '400 began: began, from 0.0 s on; not below exit for 0.4 s; minOnMs is 400',
    '400 ended: ended, at 0.4 s; nothing could be seen from here on',
    '1800 reached: reached enter; the average reached enter, 0.50',
    '1800 dropped: dropped after 0.0 s; nothing could be seen from here on, before it was sure; minOnMs is 400',
  ]);
  expect(notes(scene)).toEqual([
    '0 reached enter at 0.0 s',
    '400 nothing to be seen: ended',
    '1800 pending 0.0 s, then blind: dropped',
  ]);
});

test('the end of the clip ends what is on, keeps what lasted as long as it could and drops the rest', () => {
  expect(told({ scores: [1] })).toEqual([
    '0 reached: reached enter; the average reached enter, 0.50',
    '200 began: began, from 0.0 s on; the clip is over, and it had lasted as long as it could',
    '200 ended: ended, at 0.2 s; the clip is over',
  ]);
  expect(told({ scores: [0, 0, 0, 1] }).at(-1)).toBe(
    '800 dropped: dropped after 0.2 s; the clip is over, before it was sure; minOnMs is 400',
  );
  // closing at 1000: the segment ended there
  expect(told({ scores: [0, 1, 1, 1, 0, 0, 0] }).at(-1)).toBe(
    '1400 ended: ended, at 1.0 s; the clip is over, and it was below exit already',
  );
});

test('what is open where a clip is cut short ends at its last frame, for that reason', () => {
  const end = { durationMs: null, cause: 'corrupt' as const };
  expect(told({ scores: [1, 1, 1, 1], end }).at(-1)).toBe(
    '800 ended: ended, at 0.6 s; nothing could be seen from here on',
  );
});

test('why a clip ends is told as it was, whatever ended the segment before', () => {
  // on from 0 to 400, blind to 1800, then pending for as long as there are frames
  const scene = { scores: [1, 1, 1, ...Array<null>(6).fill(null), 0, 0, 1] };
  expect(told(scene).at(-1)).toBe(
    '2400 dropped: dropped after 0.2 s; the clip is over, before it was sure; minOnMs is 400',
  );
  const end = { durationMs: null, cause: 'corrupt' as const };
  const cut = { scores: [0, 0, 0, 1], end };
  expect(told(cut).at(-1)).toBe(
    '800 dropped: dropped after 0.2 s; nothing could be seen from here on, before it was sure; minOnMs is 400',
  );
  expect(notes(cut).at(-1)).toBe('800 pending 0.2 s, then blind: dropped');
});

test('where a run breaks off, what was open reaches to the last picture, and that is said', () => {
  const open = { scores: [0, 1, 1, 1, 1], end: null };
  expect(told(open).slice(1)).toEqual([
    '600 began: began, from 0.2 s on; not below exit for 0.4 s; minOnMs is 400',
    '1000 ended: ended, at 1.0 s; the run broke off here',
  ]);
  expect(notes(open).at(-1)).toBe('1000 run broke off: ended');
  expect(explained(open).summary).toBe('1 segment, 0.8 s in all');
  expect(explained(open).trace.endMs).toBe(1000);
  expect(told({ scores: [0, 0, 1], end: null }).at(-1)).toBe(
    '600 dropped: dropped after 0.2 s; the run broke off here, before it was sure; minOnMs is 400',
  );
});
