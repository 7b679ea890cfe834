import { cpus } from 'node:os';
import type { Config } from '../../config/config.js';
import { type Model, readModel } from '../../infer/model.js';
import { score } from '../../infer/model-proof.js';
import { compare, refusalOf, toWords } from '../../infer/provider-ladder.js';
import { openTagger, type Rung, type TaggerHost } from '../../infer/tagger-host.js';
import { attempt, type Finding, ok, toFailure, warn } from './finding.js';

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
  const { device: asked, devices, precision } = config.model;
  const rungs: Rung[] = [];
  await using tagger = await openTagger({
    model,
    device: asked,
    devices,
    precision,
    maxBatch: config.batching.maxSize,
    onRung: (rung) => rungs.push(rung),
  });
  const frame = new Uint8Array(model.input.width * model.input.height * 3);
  const startedMs = performance.now();
  for (let n = 0; n < ROUNDS; n++) await score(tagger, [frame]);
  const perFrameMs = (performance.now() - startedMs) / ROUNDS;
  const { requested, effective, device } = tagger.provider;
  const pace = `${perFrameMs.toFixed(1)} ms a frame, ${tagger.lanes} batches under way at most on ${cpus().length} cores`;
  const refused = rungs.filter(({ isTaken }) => !isTaken);
  return [
    ok('provider', `${effective} on ${device} (asked for: ${requested}), ${pace}`),
    ...refused.map(toRefusal),
    ...(effective === 'cpu' ? [] : [await compareWithCpu(model, tagger)]),
  ];
}

/** Where CUDA's libraries are named, it is meant to be used. */
function toRefusal({ provider, why }: Rung): Finding {
  const text = `auto does not use ${provider}: ${why}`;
  if (provider !== 'cuda' || (process.env['LABELCAST_ORT_LIBS'] ?? '') === '') return ok('provider', text);
  return warn('provider', text, 'labelcast doctor --device cuda says what to do');
}

async function compareWithCpu(model: Model, tagger: TaggerHost): Promise<Finding> {
  await using cpu = await openTagger({ model, device: 'cpu' });
  const comparison = await compare(model, tagger, cpu);
  const refusal = refusalOf(comparison);
  return refusal === null
    ? ok('provider', toWords(comparison))
    : warn('provider', refusal, 'use --device cpu, or --device auto, which chooses');
}
