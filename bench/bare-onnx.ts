// The reference for inference: ONNX Runtime alone, one thread, frames already in memory. Prints CPU seconds per frame.
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [file, widthText, heightText, batchText, roundsText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
const [width, height, batch, rounds] = [widthText, heightText, batchText, roundsText].map(Number) as [
  number,
  number,
  number,
  number,
];

const session = await InferenceSession.create(file, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});
const pixels = Uint8Array.from({ length: batch * height * width * 3 }, (_, n) => (n * 31) % 251);
const frames = new Tensor('uint8', pixels, [batch, height, width, 3]);
for (let n = 0; n < 5; n++) await session.run({ frames });

const before = process.cpuUsage();
const started = performance.now();
for (let n = 0; n < rounds; n++) await session.run({ frames });
const used = process.cpuUsage(before);
const cpuSeconds = (used.user + used.system) / 1e6 / (rounds * batch);
const wallSeconds = (performance.now() - started) / 1e3 / (rounds * batch);
process.stdout.write(JSON.stringify({ cpuSeconds, wallSeconds }));
process.exit(0);
