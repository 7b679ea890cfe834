// What a broker has after things went wrong: recorded scores become 200 label events a second, which labelcast's own smoothing,
// journal and relay deliver to real brokers while these, the network, or labelcast itself is killed, stopped or silenced. Counted
// by kcat. Exit 1 when something is lost, out of order, changed, or came again more often than promised. Needs what `npm test` installs.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '../src/errors.js';
import { runBench } from './common/run-bench.js';
import { runFault } from './delivery/fault-row.js';
import { toCells, TITLES, toLine, toRule } from './delivery/fault-table.js';
import { FAULTS, type Fault } from './delivery/faults.js';
import { readDemo } from './replay/demo-trace.js';

const USAGE =
  'npm run bench:delivery -- [FAULT…] [--rate N] [--seconds N] [--kills N] [--exactly-once]; faults: ' +
  Object.keys(FAULTS).join(', ');
/** On the disk that the repository is on: a temporary folder may be memory. */
const CACHE = '.cache';
/** It mostly waits, and is as long as all others together: these go on beside it. */
const BESIDE = 'outage';

await runBench(main);

async function main(): Promise<void> {
  const { names, rate, seconds, kills, isExactlyOnce } = read();
  const beganMs = performance.now();
  const traces = join(CACHE, 'replay');
  mkdirSync(traces, { recursive: true });
  await readDemo(traces); // once, not by each load
  const folder = mkdtempSync(join(CACHE, 'bench-delivery-'));
  const rows = new Map<string, readonly string[]>();
  const tryOne = async (name: string): Promise<void> => {
    const fault = FAULTS[name]!;
    const trial = { prefix: name, folder, traces, rate, kills, isExactlyOnce };
    const cells = await tryFault(fault, { ...trial, seconds: seconds ?? fault.seconds });
    rows.set(name, cells);
    process.stderr.write(`${toMinutes(beganMs)} ${cells[0]}: ${cells.at(-1)}\n`);
  };
  const others = async (): Promise<void> => {
    for (const name of names) if (name !== BESIDE) await tryOne(name);
  };
  try {
    await Promise.all([others(), names.includes(BESIDE) ? tryOne(BESIDE) : null]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const machine = `${cpus()[0]!.model.trim()}, ${cpus().length} cores, Node ${process.version}`;
  const mode = isExactlyOnce ? 'exactlyOnce, read_committed' : 'at least once';
  process.stdout.write(
    `${machine}; ${rate} events/s asked for; ${mode}; ${toMinutes(beganMs)} min in all\n\n`,
  );
  const lines = [toLine(TITLES), toRule(TITLES), ...names.map((name) => toLine(rows.get(name)!))];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** A row of the table; a fault that could not be tried to its end is one too, and makes the exit status 1. */
async function tryFault(fault: Fault, trial: Parameters<typeof runFault>[1]): Promise<readonly string[]> {
  try {
    const row = await runFault(fault, trial);
    if (row.problems.length > 0) process.exitCode = 1;
    return toCells(fault, { ...row, seconds: trial.seconds });
  } catch (error) {
    process.exitCode = 1;
    const why = (error instanceof Error ? error.message : String(error)).trim().replaceAll('\n', ' ');
    return [fault.name, ...TITLES.slice(2).map(() => '–'), `FAILED: ${why}`];
  }
}

function toMinutes(beganMs: number): string {
  const seconds = Math.round((performance.now() - beganMs) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function read() {
  const options = {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string' },
    kills: { type: 'string', default: '50' },
    'exactly-once': { type: 'boolean', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    const strange = positionals.find((name) => FAULTS[name] === undefined);
    if (strange !== undefined) throw new Error(`there is no fault ${strange}`);
    return {
      names: positionals.length > 0 ? positionals : Object.keys(FAULTS),
      rate: toNumber('rate', values.rate),
      seconds: values.seconds === undefined ? null : toNumber('seconds', values.seconds),
      kills: toNumber('kills', values.kills),
      isExactlyOnce: values['exactly-once'],
    };
  } catch (error) {
    throw new ConfigError((error as Error).message, [USAGE]);
  }
}

function toNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${flag} is a whole number from 1 on, not ${text}`);
}
