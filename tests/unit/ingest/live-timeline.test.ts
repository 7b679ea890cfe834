import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LiveTimeline } from '../../../src/ingest/live-timeline.js';

const ORIGIN = Date.UTC(2026, 0, 5, 10);
const HOUR = 3_600_000;

/** Places frames of one connection; each has a time by the camera and one by the host, in ms since the origin. */
function place(timeline: LiveTimeline, frames: readonly (readonly [number, number])[]): number[] {
  return frames.map(([ptsMs, arrivedMs]) => timeline.place(ptsMs, ORIGIN + arrivedMs));
}

function fresh(afterMs: number | null = null): LiveTimeline {
  return new LiveTimeline({ originMs: ORIGIN, afterMs });
}

describe('one connection', () => {
  test('keeps the distances of the camera, whatever the network does to arrival', () => {
    const times = place(fresh(), [
      [90_000, 500],
      [90_200, 790],
      [90_400, 905],
      [90_600, 1100],
    ]);
    expect(times).toEqual([500, 700, 900, 1100]);
  });

  test('a clock that jumps back an hour and forth an hour leaves no hole and no overlap', () => {
    const times = place(fresh(), [
      [5 * HOUR, 0],
      [5 * HOUR + 200, 200],
      [4 * HOUR + 400, 400],
      [4 * HOUR + 600, 600],
      [5 * HOUR + 800, 800],
      [5 * HOUR + 1000, 1000],
    ]);
    expect(times).toEqual([0, 200, 400, 600, 800, 1000]);
  });

  test('a 33-bit counter that wraps is a step back like any other', () => {
    const wrapMs = 2 ** 33 / 90;
    const times = place(fresh(), [
      [wrapMs - 100, 0],
      [100, 200],
      [300, 400],
    ]);
    expect(times).toEqual([0, 200, 400]);
  });

  test('a small step back is a reset too: frames go on from their arrival', () => {
    expect(
      place(fresh(), [
        [400, 560],
        [67, 562],
        [267, 762],
      ]),
    ).toEqual([560, 562, 762]);
  });

  test('frames that were held up for five seconds come in a burst and keep their distances', () => {
    const frames: [number, number][] = [
      [0, 0],
      [200, 200],
    ];
    for (let n = 2; n < 27; n++) frames.push([n * 200, 5200 + n]);
    for (let n = 27; n < 40; n++) frames.push([n * 200, n * 200]);
    expect(place(fresh(), frames)).toEqual(frames.map(([ptsMs]) => ptsMs));
  });

  test('frames that were held up keep their distances, however slowly a busy machine makes up for it', () => {
    const stall = fc.record({
      stallMs: fc.integer({ min: 1100, max: 20_000 }),
      pace: fc.double({ min: 1.25, max: 20, noNaN: true }),
      jitters: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 200, maxLength: 200 }),
    });
    fc.assert(
      fc.property(stall, ({ stallMs, pace, jitters }) => {
        let freeMs = 400 + stallMs;
        const frames = jitters.map((jitterMs, n): [number, number] => {
          if (n < 2) return [n * 200, n * 200];
          freeMs = Math.max(n * 200, freeMs + 200 / pace);
          return [n * 200, Math.round(freeMs) + jitterMs];
        });
        expect(place(fresh(), frames)).toEqual(frames.map(([ptsMs]) => ptsMs));
      }),
    );
  });

  test.each([
    ['five frames a second: after a second', 200, 6],
    ['a frame a second: by its second one', 1000, 2],
  ])('a camera whose clock stood still while it was away is anchored anew, at %s', (_, stepMs, kept) => {
    const frames = Array.from({ length: 12 }, (__, n): [number, number] => [
      n * stepMs,
      n * stepMs + (n < 2 ? 0 : 5000),
    ]);
    const times = place(fresh(), frames);
    const anew = kept + 1;
    expect(times.slice(0, anew)).toEqual(frames.slice(0, anew).map(([ptsMs]) => ptsMs));
    expect(times.slice(anew)).toEqual(frames.slice(anew).map(([, arrivedMs]) => arrivedMs));
  });

  test('a clock that runs slow or fast stays within a second and a frame of arrival', () => {
    for (const rate of [0.9, 1.1]) {
      const frames = Array.from({ length: 500 }, (_, n): [number, number] => [n * 200 * rate, n * 200]);
      const off = place(fresh(), frames).map((time, n) => Math.abs(time - n * 200));
      expect(Math.max(...off)).toBeLessThan(1300);
      expect(Math.max(...off)).toBeGreaterThan(900);
    }
  });
});

test('a new connection is anchored to its own first frame and runs on', () => {
  const timeline = fresh();
  place(timeline, [
    [70_000, 0],
    [70_200, 200],
  ]);
  timeline.reconnect();
  expect(
    place(timeline, [
      [70_100, 10_300],
      [70_300, 10_500],
    ]),
  ).toEqual([10_300, 10_500]);
});

test('no frame falls back to or below the time to go on after', () => {
  const frames: [number, number][] = [
    [0, 3000],
    [200, 3200],
  ];
  expect(place(fresh(3500), frames)).toEqual([3501, 3701]);
  // Further ahead of arrival than a second: it waits, a millisecond a frame, for the clock to come up.
  expect(place(fresh(5000), frames)).toEqual([5001, 5002]);
  expect(place(fresh(2000), frames)).toEqual([3000, 3200]);
});

test('whatever a camera and a network do, times increase and are never far in the future', () => {
  const step = fc.record({
    ptsMs: fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: -2 * HOUR, max: 2 * HOUR })),
    arrivedMs: fc.oneof(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 20_000 })),
    isReconnected: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const timeline = fresh();
      let [ptsMs, arrivedMs, lastMs] = [0, 0, -1];
      for (const by of steps) {
        ptsMs += by.ptsMs;
        arrivedMs += by.arrivedMs;
        if (by.isReconnected) timeline.reconnect();
        const time = timeline.place(ptsMs, ORIGIN + arrivedMs);
        expect(Number.isInteger(time)).toBe(true);
        expect(time).toBeGreaterThan(lastMs);
        // One millisecond a frame is the least by which times go on.
        expect(time).toBeLessThanOrEqual(Math.max(arrivedMs + 1001, lastMs + 1));
        lastMs = time;
      }
    }),
  );
});

test('a steady camera is followed to the millisecond by any clock', () => {
  const steady = fc.record({
    startMs: fc.integer({ min: 0, max: 2 ** 33 }),
    jitters: fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 100 }),
  });
  fc.assert(
    fc.property(steady, ({ startMs, jitters }) => {
      const frames = jitters.map((jitterMs, n): [number, number] => [startMs + n * 200, n * 200 + jitterMs]);
      const times = place(fresh(), frames);
      expect(times).toEqual(times.map((_, n) => jitters[0]! + n * 200));
    }),
  );
});
