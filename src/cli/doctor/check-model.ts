import { cpus } from 'node:os';
import type { Config } from '../../config/config.js';
import { type Model, readModel } from '../../infer/model.js';
import { score } from '../../infer/model-proof.js';
import { openTagger } from '../../infer/tagger-host.js';
import { attempt, type Finding, ok, toFailure } from './finding.js';

const ROUNDS = 10;

/** The package on disk, then the provider proved by a timed run of it. */
export async function checkModel(config: Config, dir: string): Promise<Finding[]> {
  try {
    const model = await readModel(dir);
    const { name, version, labels } = model.info;
    const found = ok('model', `${name} ${version}, ${labels.length} labels, whole: ${dir}`);
    return [found, ...(await attempt('provider', () => checkProvider(config, model)))];
  } catch (error) {
    return [toFailure('model', error)];
  }
}

async function checkProvider(config: Config, model: Model): Promise<Finding[]> {
  await using tagger = await openTagger({ model, device: config.model.device });
  const frame = new Uint8Array(model.input.width * model.input.height * 3);
  const startedMs = performance.now();
  for (let n = 0; n < ROUNDS; n++) await score(tagger, [frame]);
  const perFrameMs = (performance.now() - startedMs) / ROUNDS;
  const { requested, effective, device } = tagger.provider;
  const pace = `${perFrameMs.toFixed(1)} ms a frame, ${tagger.lanes} batches under way at most on ${cpus().length} cores`;
  return [ok('provider', `${effective} on ${device} (asked for: ${requested}), ${pace}`)];
}
