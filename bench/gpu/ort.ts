import type { Budget } from './budget.js';
import { BareRuntime } from './bare-runtime.js';
import type { Package } from './packages.js';
import type { Device } from './results.js';
import { notRun, type Run, toTitle } from './run.js';

export const BATCHES = [1, 2, 4, 8, 16, 32, 64] as const;
const LONGEST_MS = 2000;
/** A batch size costs its run and at least one before it. */
const RUNS_AT_LEAST = 2;

/** Frames per second of ONNX Runtime alone: each model and precision on each device, by batch size. */
export async function measureOrt(run: Run, budget: Budget): Promise<void> {
  const pairs = run.devices.flatMap((device) => run.packages.map((one) => ({ device, one })));
  for (const [n, { device, one }] of pairs.entries())
    await measurePair(run, one, device, budget.share(1, pairs.length - n));
}

async function measurePair(run: Run, one: Package, device: Device, budget: Budget): Promise<void> {
  const title = `ort: ${toTitle(one, device)}`;
  try {
    await using runtime = await BareRuntime.open(one, device);
    let frameMs = 0;
    for (const [n, batch] of BATCHES.entries()) {
      const left = budget.leftSeconds;
      const expected = (RUNS_AT_LEAST * batch * frameMs) / 1000;
      if (left <= 0 || expected > left) {
        const reason = `${expected.toFixed(0)} s are needed at least, ${left.toFixed(0)} s of the budget are left for it`;
        notRun(run, `${title}, batches from ${batch} on`, reason);
        return;
      }
      const forMs = Math.min(
        LONGEST_MS,
        run.longestSeconds * 1000,
        (left / (BATCHES.length - n) / RUNS_AT_LEAST) * 1000,
      );
      const figure = await runtime.measure(batch, forMs, left + 30);
      frameMs = figure.batchMs / batch;
      const { name: model, precision } = one;
      run.results.ort.push({ model, precision, device, batch, ...figure });
      run.tell(`${title}, batch ${batch}: ${figure.framesPerSecond.toFixed(1)} frames/s`);
      run.save();
    }
  } catch (error) {
    notRun(run, title, error);
  }
}
