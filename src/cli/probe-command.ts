import type { Command } from 'commander';
import { type ConfigFlags, toConfig } from './config-flags.js';
import { toSeconds } from './option-values.js';
import { type ProbeFlags, probe } from './probe.js';
import { StopSignals } from './stop-signals.js';

/** Adds `labelcast probe` to the program. */
export function addProbe(program: Command): void {
  program
    .command('probe')
    .description(
      'open a file or a camera once: codec, size, rate, time to the first frame, or why it cannot be read',
    )
    .argument('<source>', 'a file or a URL')
    .option('-c, --config <file>', 'labelcast.yaml')
    .option('--json', 'one JSON object on stdout')
    .option('--live', 'an http(s) source that has no end')
    .option('--timeout <seconds>', 'how long to wait for the first frame of a live source', toSeconds, 15)
    .action(async (source: string, flags: ProbeFlags & ConfigFlags) => {
      using signals = new StopSignals(() => {});
      const config = toConfig(flags);
      const { signal } = signals;
      process.exitCode = await probe(source, flags, { config, out: process.stdout, signal }).catch(
        (error) => {
          if (signals.status === null) throw error;
          return signals.status;
        },
      );
    });
}
