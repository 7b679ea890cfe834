import fc from 'fast-check';
import type { Segment } from '../../../src/types.js';
import { type TerminalLook, toLook } from '../../../src/cli/terminal-look.js';

/** A segment of a label; times in media milliseconds. */
export function segment<End extends number | null>(
  label: string,
  startMs: number,
  endMs: End,
): Segment & { readonly endMs: End } {
  return {
    segmentId: `${label}@${startMs}`,
    streamId: 'gate',
    epoch: 'one',
    label,
    startMs,
    endMs,
    startReason: 'threshold',
    endReason: endMs === null ? null : 'threshold',
    score: { peak: 0.91, mean: 0.5 },
    frames: { observed: 3, expected: 3 },
  };
}

const ODD_LABELS = [
  'dog',
  '猫と犬が歩いている道',
  '👨‍👩‍👧‍👦 family',
  'كلب وقطة في الحديقة',
  'e\u0301te\u0301',
  '\u202Egod',
  'a\u001B[31mb',
  '',
];

/** Names as nobody would write them, and some as people do. */
export const oddLabel = fc.oneof(
  fc.constantFrom(...ODD_LABELS),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
);

export const oddSegments = fc.array(
  fc
    .tuple(oddLabel, fc.nat(200_000_000), fc.option(fc.nat(100_000_000)))
    .map(([label, startMs, length]) => segment(label, startMs, length === null ? null : startMs + length)),
  { minLength: 1, maxLength: 12 },
);

export const PLAIN: TerminalLook = toLook({ isTTY: false }, { LANG: 'C.UTF-8', NO_COLOR: '1' });
export const ASCII: TerminalLook = toLook({ isTTY: false }, { LANG: 'C' });
