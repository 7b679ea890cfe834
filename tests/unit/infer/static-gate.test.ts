import { expect, test } from '@jest/globals';
import { InferError } from '../../../src/errors.js';
import { StaticGate } from '../../../src/infer/static-gate.js';
import { grey, SIZE } from './grey-frames.js';

test('what shows the same is static, whatever the noise, and what changes is not', () => {
  const gate = new StaticGate(SIZE);
  const seen = [100, 104, 95, 100, 130, 128, 131].map((level, n) => gate.isStatic(grey(n * 100, level)));
  expect(seen).toEqual([false, true, true, true, false, true, true]);
  expect(gate.skipped).toBe(5);
});

test('a slow change adds up, since frames are compared with the one that was scored', () => {
  const gate = new StaticGate(SIZE);
  const seen = Array.from({ length: 10 }, (_, n) => gate.isStatic(grey(n * 100, 100 + 4 * n)));
  expect(seen).toEqual([false, true, true, false, true, true, false, true, true, false]);
});

test('a frame is scored after a second, after damage, and after one that could not be scored', () => {
  const gate = new StaticGate(SIZE);
  const times = [0, 400, 1000, 1001, 2001, 2002, 60_000];
  expect(times.map((ms) => gate.isStatic(grey(ms, 50)))).toEqual([
    false,
    true,
    true,
    false,
    true,
    false,
    false,
  ]);
  expect(gate.isStatic(grey(60_200, 50, true))).toBe(false);
  gate.forget();
  expect([gate.isStatic(grey(60_400, 50)), gate.isStatic(grey(60_600, 50))]).toEqual([false, true]);
});

test('a gate made from the state goes on as the first after the frame given out last', () => {
  const gate = new StaticGate(SIZE);
  expect(gate.state()).toBeNull();
  gate.isStatic(grey(0, 50));
  const given = gate.reference!;
  gate.isStatic(grey(200, 150));
  gate.give(given, Float32Array.of(0.1, 0.7));
  const again = new StaticGate(SIZE, JSON.parse(JSON.stringify(gate.state())));
  expect([again.scores, again.skipped]).toEqual([Float32Array.of(0.1, 0.7), 0]);
  expect(again.reference).toMatchObject({ ...given });
  expect([again.isStatic(grey(400, 52)), again.isStatic(grey(600, 150))]).toEqual([true, false]);
  expect(new StaticGate(SIZE, null).reference).toBeNull();
});

test('a state that is none is refused with what to do', () => {
  const thumbnail = Buffer.alloc(1024).toString('base64');
  for (const bad of [
    {},
    7,
    { ptsMs: 0.5, thumbnail, scores: [] },
    { ptsMs: 0, thumbnail: 'AAAA', scores: [] },
    { ptsMs: 0, thumbnail, scores: ['much'] },
  ])
    expect(() => new StaticGate(SIZE, bad)).toThrow(InferError);
});
