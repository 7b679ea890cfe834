import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Explanation } from '../../../src/explain/explanation.js';
import { toExplainHtml } from '../../../src/explain/html.js';
import { toFrame } from '../../../src/explain/picture/frame.js';
import { placeNotes } from '../../../src/explain/picture/notes.js';
import { toDotsPath, toLinePath } from '../../../src/explain/picture/score-paths.js';
import { toSvg } from '../../../src/explain/picture/svg.js';
import type { Turn } from '../../../src/explain/turn.js';
import { explained, type Scene, traceOf } from './traces.js';

const TIMES = { halfLifeMs: 200, minOnMs: 400, minOffMs: 600 };

function explain(...scenes: readonly Scene[]): Explanation {
  return {
    clip: 'a.mp4',
    model: 'm 1.0.0',
    fps: 5,
    times: TIMES,
    labels: scenes.map((scene) => explained(scene)),
  };
}

function countOf(pattern: RegExp, text: string): number {
  return text.match(pattern)?.length ?? 0;
}

test('a picture shows thresholds with their values, segments, states and notes of each label', () => {
  const svg = toSvg(explain({ scores: [0, 1, 1, 1, 0, 0, 0, 0, 0] }, { scores: [0, 0], label: 'cat' }));
  expect(countOf(/<g class="of-label"/g, svg)).toBe(2);
  expect(countOf(/>enter 0\.50</g, svg)).toBe(2);
  expect(countOf(/>exit 0\.25</g, svg)).toBe(2);
  expect(countOf(/<rect class="segment"/g, svg)).toBe(1);
  const stays = [...svg.matchAll(/class="stay (\w+)"/g)].map(([, phase]) => phase);
  expect(stays).toEqual(['off', 'pending', 'on', 'closing', 'off', 'off']);
  expect(svg).toContain('>below exit at 1.0 s, ended 0.6 s later<');
});

test('where nothing could be seen lines are broken, and it is hatched and in the key', () => {
  const scene = { scores: [0.2, 0.2, ...Array<null>(6).fill(null), 0.2, 0.2] };
  const frame = toFrame(
    { left: 0, right: 180, top: 0, bottom: 100 },
    { highest: 1, startMs: 0, endMs: 1800 },
  );
  expect(toLinePath(traceOf(scene), 'score', frame)).toBe('M0,80L20,80M160,80L180,80');
  expect(toDotsPath(traceOf(scene), frame)).toBe('M0.0,80.0h0M20.0,80.0h0M160.0,80.0h0M180.0,80.0h0');
  const svg = toSvg(explain(scene));
  expect(countOf(/<rect class="blind"/g, svg)).toBe(2);
  expect(countOf(/<rect class="blind"/g, toSvg(explain({ scores: [0] })))).toBe(0);
});

test('where many frames share a pixel, its lowest and its highest stay', () => {
  const scores = Array.from({ length: 3000 }, (_, n) => (n === 1234 ? 1 : n === 2345 ? 0 : 0.5));
  const frame = toFrame(
    { left: 0, right: 10, top: 0, bottom: 100 },
    { highest: 1, startMs: 0, endMs: 600_000 },
  );
  const points = toLinePath(traceOf({ scores }), 'score', frame).split(/[ML]/).slice(1);
  expect(points.length).toBeLessThan(45);
  expect(points.filter((point) => /,0$|,100$/.test(point))).toEqual(['4.1,0', '7.8,100']);
});

test('low scores are drawn on an axis that ends soon above them and above enter', () => {
  const tops = [0.05, 0.1, 0.3, 0.5, 1].map((highest) => {
    return toFrame({ left: 0, right: 1, top: 0, bottom: 1 }, { highest, startMs: 0, endMs: 1 }).topScore;
  });
  expect(tops).toEqual([0.1, 0.2, 0.5, 1, 1]);
});

test('no note lies on another one, or on the line that leads from one to its point', () => {
  const turn = fc.record({
    atMs: fc.nat(10_000),
    length: fc.integer({ min: 5, max: 45 }),
    isMissed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
      const noted = turns.sort((a, b) => a.atMs - b.atMs).map(toTurn);
      const placed = placeNotes(noted, (ms) => ms / 12, { left: 0, right: 840 });
      for (const [n, a] of placed.entries()) {
        const aEnd = a.from + a.text.length * 6;
        expect(a.from).toBeGreaterThanOrEqual(0);
        expect(aEnd).toBeLessThanOrEqual(840);
        for (const [m, b] of placed.entries()) {
          if (n === m) continue;
          if (a.row === b.row) expect(a.from >= b.from + b.text.length * 6 || b.from >= aEnd).toBe(true);
          if (a.row > b.row) expect(a.x <= b.from || a.x >= b.from + b.text.length * 6).toBe(true);
        }
      }
    }),
  );
});

function toTurn({ atMs, length, isMissed }: { atMs: number; length: number; isMissed: boolean }): Turn {
  const kind = isMissed ? 'missed' : 'fell';
  return { atMs, kind, score: 0, average: 0, what: '', why: '', note: 'x'.repeat(length) };
}

test('a part of a clip is drawn as wide as the whole, and said to be of the whole', () => {
  const scene = { scores: [0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0] };
  const part = explained(scene, { fromMs: 800, toMs: 1800 });
  const { startMs, endMs, points, segments } = part.trace;
  expect([startMs, endMs, points.length, segments.length]).toEqual([800, 1800, 6, 1]);
  expect(part.turns.map(({ kind, atMs }) => [kind, atMs])).toEqual([['fell', 1600]]);
  expect(part.summary).toBe(explained(scene).summary);
  const svg = toSvg({ ...explain(), labels: [part] });
  // from the left edge, 62, over 1600 ms, 0.8 of the width
  expect(svg).toContain('<rect class="segment" x="62" ');
  expect(svg).toMatch(/<rect class="segment" x="62" y="[\d.]+" width="563.2"/);
});

test('a name that means harm is text, in the picture and in the page', () => {
  const label = `</style><script>alert(1)</script>&"'\u202E\u0000`;
  const hostile = { ...explain({ scores: [0, 1, 1, 1, 0, 0], label }), clip: ']]><img src=x>' };
  for (const text of [toSvg(hostile), toExplainHtml(hostile)]) {
    for (const harm of ['<script', '<img', '\u202E', '\u0000']) expect(text).not.toContain(harm);
    expect(text).toContain('&#60;script&#62;');
  }
});
