import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BatchHeader, toHeaderBytes, WireReader } from '../../../src/infer/frame-wire.js';

const FRAME_BYTES = 5;
const batch = fc.record({
  lane: fc.nat(3),
  frames: fc.integer({ min: 1, max: 4 }),
  spare: fc.nat(2),
  fill: fc.nat(255),
});

test('batches come out whole however the pipe cuts them', () => {
  fc.assert(
    fc.property(
      fc.array(batch, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1 }),
      (sent, cuts) => {
        const headers = sent.map(({ lane, frames, spare }) => ({ lane, frames, size: frames + spare }));
        const wire = Buffer.concat(
          headers.flatMap((header, n) => [
            toHeaderBytes(header),
            Buffer.alloc(header.frames * FRAME_BYTES, sent[n]!.fill),
          ]),
        );
        const got: { header: BatchHeader; fill: number[] }[] = [];
        const slab = new Uint8Array(6 * FRAME_BYTES);
        const reader = new WireReader(FRAME_BYTES, {
          slabFor: () => slab.fill(0),
          received: (header) =>
            got.push({ header, fill: [...slab.subarray(0, header.frames * FRAME_BYTES)] }),
        });
        for (let at = 0, n = 0; at < wire.length; n++) {
          const part = wire.subarray(at, at + Math.min(reader.target.length, cuts[n % cuts.length]!));
          reader.target.set(part);
          reader.filled(part.length);
          at += part.length;
        }
        expect(got).toEqual(
          headers.map((header, n) => ({
            header,
            fill: Array(header.frames * FRAME_BYTES).fill(sent[n]!.fill),
          })),
        );
      },
    ),
  );
});
