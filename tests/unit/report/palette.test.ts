import { describe, expect, test } from '@jest/globals';
import { INKS, LABEL_COLORS, type Theme } from '../../../src/report/palette.js';

type Rgb = readonly [number, number, number];

/** What is left of light for each kind of eye (Machado, Oliveira and Fernandes 2009, severity 1), in linear RGB. */
const EYES: Readonly<Record<string, readonly Rgb[]>> = {
  'all colours': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  'no red': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'no green': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  'no blue': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
const THEMES: readonly Theme[] = ['light', 'dark'];

describe.each(THEMES)('the %s theme', (theme) => {
  test('label colours stand out 3:1 from its surface, and its texts 4.5:1', () => {
    const { surface, text, quiet } = INKS[theme];
    for (const color of LABEL_COLORS[theme]) expect(toContrast(color, surface)).toBeGreaterThanOrEqual(3);
    for (const ink of [text, quiet]) expect(toContrast(ink, surface)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(Object.keys(EYES))('any two label colours differ to eyes that see %s', (eyes) => {
    const seen = LABEL_COLORS[theme].map((color) =>
      toOklab(EYES[eyes]!.map((row) => dot(row, toLinear(color)))),
    );
    const distances = seen.flatMap((a, n) =>
      seen.slice(0, n).map((b) => Math.hypot(...a.map((v, i) => v - b[i]!))),
    );
    expect(distances).toHaveLength(21);
    expect(Math.min(...distances)).toBeGreaterThan(0.06);
  });
});

function toLinear(hex: string): Rgb {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function toContrast(a: string, b: string): number {
  const [light, dark] = [a, b]
    .map((hex) => dot([0.2126, 0.7152, 0.0722], toLinear(hex)))
    .sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

/** OKLab (Ottosson 2020), in which distances are about as large as they look; 0.02 is just seen. */
function toOklab(linear: readonly number[]): number[] {
  const rgb = linear.map((value) => Math.max(0, Math.min(1, value)));
  const lms = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ].map((row) => Math.cbrt(dot(row, rgb)));
  return [
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ].map((row) => dot(row, lms));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, n) => sum + value * b[n]!, 0);
}
