import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { type RunStanding, type SourceStanding, toProgressLines } from '../../../src/cli/progress-lines.js';
import { ASCII, oddLabel, PLAIN } from './segment-samples.js';

function file(name: string, standing: Partial<SourceStanding> = {}): SourceStanding {
  return {
    name,
    kind: 'file',
    isBegun: true,
    fromMs: 0,
    nowMs: 58_000,
    durationMs: 100_000,
    elapsedMs: 5000,
    state: null,
    frames: 290,
    labels: ['cat', 'person'],
    ...standing,
  };
}

function camera(name: string, state: string): SourceStanding {
  return file(name, { kind: 'live', durationMs: null, state, elapsedMs: 65_000 });
}

function run(sources: readonly SourceStanding[], standing: Partial<RunStanding> = {}): RunStanding {
  const files = sources.filter(({ kind }) => kind === 'file').length;
  return {
    sources,
    files: { done: 0, total: files },
    cameras: sources.length - files,
    taggedMs: 58_000,
    leftMs: files === 0 ? null : 42_000,
    fraction: files === 0 ? null : 0.5,
    elapsedMs: 5000,
    ...standing,
  };
}

test('a file alone: how far, how fast, how long yet, and what holds now', () => {
  expect(toProgressLines(run([file('demo.mp4')]), { ...PLAIN, width: 79, height: 20 })).toEqual([
    'demo.mp4  ━━━━━━━━━━━━────────  57%  11.6×  0:04 left  cat, person',
  ]);
  expect(toProgressLines(run([file('demo.mp4')]), { ...ASCII, width: 79, height: 20 })).toEqual([
    'demo.mp4  ############--------  57%  11.6x  0:04 left  cat, person',
  ]);
});

test('the narrower the terminal, the less is said; the name and how far stay', () => {
  const narrow = (width: number) =>
    toProgressLines(run([file('holiday.mp4')]), { ...PLAIN, width, height: 20 })[0];
  expect([narrow(60), narrow(39), narrow(19)]).toEqual([
    'holiday.mp4  57%  11.6×  0:04 left  cat, person',
    'holiday.mp4 57% 11.6× 0:04 left cat, p…',
    'holi…mp4 57% cat, …',
  ]);
});

test('a camera is no file: its connection, time watched, frames and labels', () => {
  const lines = toProgressLines(
    run([camera('rtsp://10.0.0.5/gate', 'online'), camera('rtsp://10.0.0.6/yard', 'offline')]),
    {
      ...PLAIN,
      width: 79,
      height: 20,
    },
  );
  expect(lines).toEqual([
    'rtsp://10.0.0.5/gate  online   1:05  290 frames  cat, person',
    'rtsp://10.0.0.6/yard  offline  1:05  290 frames  cat, person',
    '1/2 cameras online',
  ]);
});

test('of many only those that fit are shown, and the rest is counted', () => {
  const many = Array.from({ length: 40 }, (_, n) => file(`clip-${n}.mp4`));
  const lines = toProgressLines(run(many, { files: { done: 3, total: 90 } }), {
    ...PLAIN,
    width: 79,
    height: 6,
  });
  expect(lines).toHaveLength(6);
  expect(lines.slice(4)).toEqual(['and 36 more', '3/90 files  50%  0:42 left  11.6× real time']);
});

test('no line is wider than asked for and none is lost, whatever the names are', () => {
  const source = fc
    .record({
      name: oddLabel,
      kind: fc.constantFrom('file' as const, 'live' as const),
      durationMs: fc.option(fc.nat(1e9)),
      nowMs: fc.nat(1e9),
      elapsedMs: fc.nat(1e9),
      labels: fc.array(oddLabel, { maxLength: 5 }),
    })
    .map(({ name, ...rest }) => file(name, { ...rest, state: rest.kind === 'live' ? 'connecting' : null }));
  const size = { width: fc.integer({ min: 19, max: 300 }), height: fc.integer({ min: 2, max: 30 }) };
  fc.assert(
    fc.property(
      fc.array(source, { minLength: 1, maxLength: 20 }),
      fc.record(size),
      (sources, { width, height }) => {
        const lines = toProgressLines(run(sources), { ...PLAIN, width, height });
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
        expect(lines.length).toBeLessThanOrEqual(height);
        expect(lines.join('')).not.toMatch(/\p{Cc}/u);
      },
    ),
    { numRuns: 200 },
  );
});
