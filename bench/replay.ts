// A load without video: the scores of the demo clip, recorded once, are shown by many cameras at once and go through labelcast's
// own smoothing, journal and relays, as many label events a second as asked for. Killed, it goes on from its journal.
import { parseArgs } from 'node:util';
import { toMessage } from '../src/cli/messages.js';
import { StopSignals } from '../src/cli/stop-signals.js';
import { readConfig } from '../src/config/read-config.js';
import { ConfigError } from '../src/errors.js';
import { readModel } from '../src/infer/model.js';
import { runBench } from './common/run-bench.js';
import { readDemo } from './replay/demo-trace.js';
import { replay, type ReplayStanding } from './replay/replay.js';
import { MODEL } from './truth/traces.js';

const USAGE =
  'npm run bench replay -- -c labelcast.yaml [--rate N] [--cameras N] [--origin MS] [--dated-back MS] [--traces FOLDER]';

process.once('disconnect', () => process.exit(1)); // whoever started it is gone

await runBench(main);
process.removeAllListeners('disconnect').disconnect?.();

async function main(): Promise<number> {
  const { config: file, traces, rate, cameras, origin, 'dated-back': datedBack } = read();
  const plan = {
    config: readConfig(file, process.env),
    model: await readModel(MODEL),
    trace: await readDemo(traces),
    rate: toNumber('rate', rate),
    cameras: toNumber('cameras', cameras),
    originMs: toNumber('origin', origin),
    datedBackMs: toNumber('dated-back', datedBack, 0),
  };
  using stop = new StopSignals(() => {});
  const reasons = await replay(plan, tell, stop.signal);
  for (const reason of reasons) process.stderr.write(`${toMessage(reason)}\n`);
  return reasons.length === 0 ? 0 : 1;
}

/** To whoever started it, or to a person. */
function tell(standing: ReplayStanding): void {
  if (process.send !== undefined) process.send(standing);
  else process.stdout.write(`${JSON.stringify(standing)}\n`);
}

function read() {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const options = {
    config: { type: 'string', short: 'c' } as const,
    traces: text('.cache/replay'),
    rate: text('200'),
    cameras: text('48'),
    origin: text(String(Date.now())),
    'dated-back': text('0'),
  };
  try {
    const { config, ...values } = parseArgs({ options }).values;
    if (config === undefined) throw new Error('a configuration has to be named');
    return { config, ...values };
  } catch (error) {
    throw new ConfigError(`${(error as Error).message}; there is`, [USAGE]);
  }
}

function toNumber(flag: string, text: string, least = 1): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new ConfigError(`--${flag} is a whole number from ${least} on, not ${text}; there is`, [USAGE]);
}
