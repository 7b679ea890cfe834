import { promisify } from 'node:util';
import zlib from 'node:zlib';

/** A compression of batches, as kafkajs takes it. */
export interface KafkaCodec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

/** In frames, as Kafka has it; who neither writes nor meets it loads no library. */
export const lz4: KafkaCodec = {
  compress: async ({ buffer }) => (await import('lz4-napi')).compressFrame(buffer),
  decompress: async (bytes) => (await import('lz4-napi')).decompressFrame(bytes),
};

/** Of Node.js itself, from 22.15 on; null: this one has none. */
export const zstd: KafkaCodec | null = toZstd();

type Coder = (bytes: Buffer, done: (error: Error | null, result: Buffer) => void) => void;

function toZstd(): KafkaCodec | null {
  const [compress, decompress] = ['zstdCompress', 'zstdDecompress'].map(
    (name) => Reflect.get(zlib, name) as Coder | undefined,
  );
  if (compress === undefined || decompress === undefined) return null;
  return { compress: ({ buffer }) => promisify(compress)(buffer), decompress: promisify(decompress) };
}
