import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ScoreBlock } from '../types.js';

/**
 * A block as the journal stores it, deflated, little-endian: frame count and curve count (uint32), the times (float64
 * each), then for each curve its label (uint32) and its scores (float32 each).
 */
export function encodeScoreBlock({ timesMs, curves }: ScoreBlock): Uint8Array {
  const bytes = Buffer.alloc(8 + timesMs.length * 8 + curves.size * (4 + timesMs.length * 4));
  let at = bytes.writeUInt32LE(timesMs.length, 0);
  at = bytes.writeUInt32LE(curves.size, at);
  for (const timeMs of timesMs) at = bytes.writeDoubleLE(timeMs, at);
  for (const [label, curve] of curves) {
    at = bytes.writeUInt32LE(label, at);
    for (const score of curve) at = bytes.writeFloatLE(score, at);
  }
  return deflateRawSync(bytes);
}

/** The inverse of `encodeScoreBlock`. */
export function decodeScoreBlock(minute: number, block: Uint8Array): ScoreBlock {
  const bytes = inflateRawSync(block);
  const frames = bytes.readUInt32LE(0);
  const curveBytes = 4 + frames * 4;
  const timesMs = Array.from({ length: frames }, (_, frame) => bytes.readDoubleLE(8 + frame * 8));
  const curves = new Map<number, Float32Array>();
  for (let curve = 0; curve < bytes.readUInt32LE(4); curve++) {
    const at = 8 + frames * 8 + curve * curveBytes;
    const scores = Float32Array.from({ length: frames }, (_, frame) => bytes.readFloatLE(at + 4 + frame * 4));
    curves.set(bytes.readUInt32LE(at), scores);
  }
  return { minute, timesMs, curves };
}
