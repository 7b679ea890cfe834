import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PlayOut } from '../../../src/ingest/play-out.js';

/** When each picture is played, given its time by the camera and when it can be had; as the reader does, one after another. */
function play(playOut: PlayOut, pictures: readonly (readonly [number, number])[]): number[] {
  let nowMs = 0;
  return pictures.map(([ptsMs, readyMs]) => {
    nowMs = Math.max(nowMs, readyMs);
    nowMs += playOut.next(ptsMs, nowMs).waitMs;
    return Math.round(nowMs);
  });
}

/** Five pictures a second in pieces of `seconds`, each there once its last picture was taken, and `lateMs` later. */
function pieces(count: number, seconds: number, lateMs: (piece: number) => number): [number, number][] {
  return Array.from({ length: count * seconds * 5 }, (_, n) => {
    const piece = Math.floor(n / (seconds * 5));
    return [90_000 + n * 200, (piece + 1) * seconds * 1000 + lateMs(piece)];
  });
}

test('the pictures of a piece are played one by one', () => {
  const played = play(
    new PlayOut(4000),
    pieces(3, 4, () => 0),
  );
  expect(played).toEqual(Array.from({ length: 60 }, (_, n) => 4000 + n * 200));
});

test('a late piece delays what follows, and the delay is caught up by a twentieth', () => {
  const played = play(
    new PlayOut(4000),
    pieces(9, 4, (piece) => (piece === 1 ? 1500 : 0)),
  );
  const steps = played.slice(1).map((ms, n) => ms - played[n]!);
  expect(steps.slice(0, 19)).toEqual(Array.from({ length: 19 }, () => 200));
  expect(steps[19]).toBe(1700);
  expect(new Set(steps.slice(20, 120))).toEqual(new Set([190]));
  expect(played.at(-1)! - played[0]!).toBe(179 * 200);
});

test('arrival is told as it would have been without delay, so that media times keep their distances', () => {
  const playOut = new PlayOut(4000);
  const arrivals = [
    [0, 1000],
    [200, 1000],
    [400, 2400],
    [600, 2400],
  ].map(([ptsMs, nowMs]) => playOut.next(ptsMs!, nowMs!).arrivalMs);
  expect(arrivals).toEqual([1000, 1200, 1400, 1600]);
});

test.each([
  ['back', -3_600_000],
  ['forth', 3_600_000],
])('a clock that jumps an hour %s is followed at once', (_, jumpMs) => {
  const playOut = new PlayOut(4000);
  playOut.next(7_200_000, 1000);
  expect(playOut.next(7_200_200 + jumpMs, 1000)).toEqual({ waitMs: 0, arrivalMs: 1000, isAnew: true });
  expect(playOut.next(7_200_400 + jumpMs, 1000)).toEqual({ waitMs: 200, arrivalMs: 1200, isAnew: false });
});

test('a picture that is seconds late leaves a hole, and what follows is played at its pace', () => {
  const playOut = new PlayOut(4000);
  playOut.next(0, 1000);
  expect(playOut.next(200, 6200)).toEqual({ waitMs: 0, arrivalMs: 6200, isAnew: true });
  expect(playOut.next(400, 6200)).toEqual({ waitMs: 200, arrivalMs: 6400, isAnew: false });
});

test.each([0.9999, 0.98, 1.02])(
  'a clock at %d of the pace of ours stays within two seconds of arrival',
  (pace) => {
    const playOut = new PlayOut(4000);
    let nowMs = 0;
    let farthestMs = 0;
    for (let piece = 0; piece < 5000; piece++) {
      for (let n = 0; n < 20; n++) {
        const ptsMs = (piece * 20 + n) * 200;
        nowMs = Math.max(nowMs, ((piece + 1) * 4000) / pace);
        const turn = playOut.next(ptsMs, nowMs);
        nowMs += turn.waitMs;
        farthestMs = Math.max(farthestMs, Math.abs(nowMs - turn.arrivalMs));
      }
    }
    expect(farthestMs).toBeLessThanOrEqual(2000);
  },
);

test('an outage that the clock of the camera has too is no jump', () => {
  const playOut = new PlayOut(4000);
  playOut.next(0, 1000);
  expect(playOut.next(60_000, 61_000)).toEqual({ waitMs: 0, arrivalMs: 61_000, isAnew: false });
});

test('key frames that are far apart wait for their turn, as far as that may be', () => {
  const playOut = new PlayOut(30_000);
  const turns = [0, 10_000, 20_000].map((ptsMs, n) => playOut.next(ptsMs, 1000 + n * 10_000));
  expect(turns.map(({ arrivalMs }) => arrivalMs)).toEqual([1000, 11_000, 21_000]);
  expect(playOut.next(30_000, 21_000)).toEqual({ waitMs: 10_000, arrivalMs: 31_000, isAnew: false });
});

test('nothing waits for longer than it may, whatever times come', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 1e7 }), fc.nat(10_000))), (pictures) => {
      const playOut = new PlayOut(4000);
      let nowMs = 0;
      for (const [ptsMs, laterMs] of pictures) {
        nowMs += laterMs;
        const { waitMs } = playOut.next(ptsMs, nowMs);
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThanOrEqual(4000);
      }
    }),
  );
});
