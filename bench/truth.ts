// Clips with known truth, by which smoothing is chosen and judged: docs/benchmarks.md says what is in them.
import { parseArgs } from 'node:util';
import { toMessage } from '../src/cli/messages.js';
import { ConfigError } from '../src/errors.js';
import { generate } from './truth/generate.js';
import { MAX_SHOT_SECONDS, MIN_SHOT_SECONDS } from './truth/plan.js';
import { makeTraces } from './truth/traces.js';

const USAGE = [
  'npm run bench truth -- generate [--clips N] [--seed N] [--seconds N] [--longest N] [--out FOLDER]',
  'npm run bench truth -- traces [--fps N] [--out FOLDER]',
];

try {
  const { positionals, values } = read();
  const [step, ...more] = positionals;
  if (more.length > 0) throw refuse(`${more.join(' ')} is too much`);
  if (step === 'generate') {
    await generate({
      clips: toNumber('clips', values.clips),
      seed: toNumber('seed', values.seed),
      seconds: toNumber('seconds', values.seconds),
      longest: toNumber('longest', values.longest, MIN_SHOT_SECONDS),
      out: values.out,
    });
  } else if (step === 'traces')
    await makeTraces(values.out, values.fps === undefined ? null : toNumber('fps', values.fps));
  else throw refuse(step === undefined ? 'nothing was asked for' : `there is no step ${step}`);
} catch (error) {
  process.stderr.write(`error: ${toMessage(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}

function read() {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const options = {
    clips: text('8'),
    seed: text('1'),
    seconds: text('160'),
    longest: text(String(MAX_SHOT_SECONDS)),
    out: text('.cache/truth'),
    fps: { type: 'string' } as const,
  };
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

function refuse(what: string): ConfigError {
  return new ConfigError(`${what}; there is`, USAGE);
}

function toNumber(flag: string, text: string, least = 1): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw refuse(`--${flag} is a whole number from ${least} on, not ${text}`);
  return value;
}
