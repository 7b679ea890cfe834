import { readModel } from '../../src/infer/model.js';
import { openTagger, type TaggerHost } from '../../src/infer/tagger-host.js';
import type { Pixels } from '../../src/types.js';
import { BareRuntime } from './bare-runtime.js';
import { type Budget, median } from './budget.js';
import { BATCHES } from './ort.js';
import type { Package } from './packages.js';
import type { Device } from './results.js';
import { notRun, type Run, toTitle } from './run.js';

const ROUNDS = 3;
const LONGEST_MS = 3000;
/** Where nothing is known of a device yet. */
const USUAL_BATCH = { cuda: 32, webgpu: 8, cpu: 1 } as const;

/** labelcast's inference side beside ONNX Runtime, at its best batch size, in turns. */
export async function measureInference(run: Run, budget: Budget): Promise<void> {
  const pairs = run.devices.flatMap((device) => run.packages.map((one) => ({ device, one })));
  for (const [n, { device, one }] of pairs.entries()) {
    try {
      await measurePair(run, one, device, budget.share(1, pairs.length - n));
    } catch (error) {
      notRun(run, `inference: ${toTitle(one, device)}`, error);
    }
  }
}

async function measurePair(run: Run, one: Package, device: Device, budget: Budget): Promise<void> {
  const batch = bestBatch(run, one, device);
  if (budget.leftSeconds <= 0) throw new Error('no time was left for it');
  await using tagger = await openTagger({
    model: await readModel(one.dir),
    device,
    plan: { batchSizes: [batch], fileBatch: batch },
  });
  await using bare = await BareRuntime.open(one, device); // second: labelcast says more clearly what is missing
  const forMs = Math.min(
    LONGEST_MS,
    run.longestSeconds * 1000,
    (budget.leftSeconds * 1000) / (2 * ROUNDS + 1),
  );
  const { width, height } = one.manifest.input;
  const own: number[] = [];
  const bareOnes: number[] = [];
  for (let round = 0; round < ROUNDS && (round === 0 || budget.leftSeconds > 0); round++) {
    bareOnes.push((await bare.measure(batch, forMs, budget.leftSeconds + 60)).framesPerSecond);
    own.push(await drive(tagger, batch, width * height * 3, forMs));
  }
  const { name: model, precision } = one;
  const framesPerSecond = median(own);
  const bareFramesPerSecond = median(bareOnes);
  run.results.inference.push({
    model,
    precision,
    device,
    batch,
    framesPerSecond,
    bareFramesPerSecond,
    rounds: own.length,
  });
  const ratio = (framesPerSecond / bareFramesPerSecond).toFixed(2);
  run.tell(`inference: ${toTitle(one, device)}: ${framesPerSecond.toFixed(1)} frames/s, ratio ${ratio}`);
  run.save();
}

/** The one at which ONNX Runtime was fastest in this run; a CPU gains nothing by batches and takes them one by one. */
function bestBatch({ results }: Run, one: Package, device: Device): number {
  const rows = results.ort.filter(
    (row) => row.model === one.name && row.precision === one.precision && row.device === device,
  );
  const best = rows.toSorted((a, b) => b.framesPerSecond - a.framesPerSecond)[0]?.batch;
  const batch = device === 'cpu' ? undefined : best;
  return batch ?? BATCHES.find((size) => size >= USUAL_BATCH[device])!;
}

/** Keeps every lane busy for a while; frames per second, of batches that were begun in it. Throws what a frame failed with. */
async function drive(tagger: TaggerHost, batch: number, frameBytes: number, forMs: number): Promise<number> {
  const frames = Array.from({ length: batch }, (_, n) => toFrame(frameBytes, n));
  const startedMs = performance.now();
  let scored = 0;
  const lane = async () => {
    do {
      const scores = await tagger.tag(frames, { fixed: true });
      const failed = scores.find((one) => one instanceof Error);
      if (failed !== undefined) throw failed;
      scored += scores.length;
    } while (performance.now() - startedMs < forMs);
  };
  await Promise.all(Array.from({ length: tagger.lanes }, lane));
  return (scored / (performance.now() - startedMs)) * 1000;
}

function toFrame(bytes: number, seed: number): Pixels {
  return {
    bytes: Uint8Array.from({ length: bytes }, (_, n) => (n * 31 + seed) % 251),
    hash: () => seed,
    release: () => {},
  };
}
