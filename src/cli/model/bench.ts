import { cpus } from 'node:os';
import { type Model, readModel } from '../../infer/model.js';
import { makeNoise, score } from '../../infer/model-proof.js';
import { planProvider } from '../../infer/provider-plan.js';
import { openTagger } from '../../infer/tagger-host.js';
import type { Provider } from '../../infer/tagger-messages.js';
import { layOut } from '../columns.js';
import { toLook, toWidth } from '../terminal-look.js';
import { wrap } from '../wrap.js';
import type { ModelFlags } from './model-flags.js';

const MEASURED_MS = 1500;
/** The largest that can be configured. */
const MAX_BATCH = 64;
const ONE_BY_ONE = 'frames are run one by one: a larger batch makes no difference';

interface Pace {
  readonly batch: number;
  readonly sessions: number;
  readonly framesPerSecond: number;
}

/**
 * Measures frames a second, frames ready in memory, by batch size: of one session, and of as many as a run has. Where frames are
 * run one by one there are no batches to compare.
 */
export async function bench(dir: string, flags: ModelFlags, out: NodeJS.WriteStream): Promise<number> {
  const model = await readModel(dir, 'in its place');
  const provider = await toProvider(model, flags);
  const plan = planProvider(provider, { maxBatch: MAX_BATCH });
  const paces: Pace[] = [];
  let isOneByOne = false;
  for (const batch of plan.batchSizes) {
    if (isOneByOne) break;
    for (const sessions of new Set([1, plan.sessions])) {
      const measured = await measure(model, { ...flags, device: provider }, { batch, sessions });
      ({ isOneByOne } = measured);
      paces.push(measured.pace);
    }
  }
  if (flags.json) {
    const cpu = cpus()[0]?.model ?? null;
    out.write(`${JSON.stringify({ dir, provider: plan.provider, cpu, isOneByOne, paces })}\n`);
    return 0;
  }
  const reference = paces[0]!.framesPerSecond;
  const columns = [
    toColumn(
      'batch',
      paces.map(({ batch }) => String(batch)),
    ),
    toColumn(
      'sessions',
      paces.map(({ sessions }) => String(sessions)),
    ),
    toColumn(
      'frames/s',
      paces.map(({ framesPerSecond }) => framesPerSecond.toFixed(1)),
    ),
    toColumn(
      'ms a frame',
      paces.map(({ framesPerSecond, sessions }) => ((1000 * sessions) / framesPerSecond).toFixed(1)),
    ),
    toColumn(
      'of the first',
      paces.map(({ framesPerSecond }) => (framesPerSecond / reference).toFixed(2)),
    ),
  ];
  const width = out.isTTY ? toWidth(out) : null;
  const { glyphs } = toLook(out, process.env);
  const { name, version } = model.info;
  const title = `${name} ${version} on ${plan.provider}, ${cpus()[0]?.model ?? 'CPU'}, ${cpus().length} cores`;
  const notes = [title, ...(isOneByOne ? [ONE_BY_ONE] : [])];
  const lines = [
    ...notes.flatMap((note) => wrap(note, width ?? Number.MAX_SAFE_INTEGER)),
    ...layOut(columns, { width, ellipsis: glyphs.ellipsis }),
  ];
  out.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

/** What `auto` comes to here. */
async function toProvider(model: Model, { device, precision }: ModelFlags): Promise<Provider> {
  if (device !== 'auto') return device;
  await using tagger = await openTagger({ model, device, precision });
  return tagger.provider.effective;
}

async function measure(
  model: Model,
  { device, precision }: ModelFlags,
  { batch, sessions }: Pick<Pace, 'batch' | 'sessions'>,
): Promise<{ readonly pace: Pace; readonly isOneByOne: boolean }> {
  const { width, height } = model.input;
  const frames = makeNoise(batch, width * height * 3);
  await using tagger = await openTagger({
    model,
    device,
    precision,
    isLenient: true,
    plan: { sessions, batchSizes: [batch], fileBatch: batch },
  });
  const startedMs = performance.now();
  let scored = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - startedMs < MEASURED_MS) scored += (await score(tagger, frames)).length;
  };
  await Promise.all(Array.from({ length: tagger.lanes }, lane));
  const framesPerSecond = (1000 * scored) / (performance.now() - startedMs);
  return { pace: { batch, sessions, framesPerSecond }, isOneByOne: tagger.isOneByOne };
}

function toColumn(heading: string, cells: readonly string[]): Parameters<typeof layOut>[0][number] {
  return { cells: [heading, ...cells], align: 'right' };
}
