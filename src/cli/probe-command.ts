import type { Command } from 'commander';
import { type CommandHelp, explain } from './command-help.js';
import { type ConfigFlags, toConfig, toHwaccel } from './config-flags.js';
import { toSeconds } from './option-values.js';
import type { ProbeFlags } from './probe.js';
import { StopSignals } from './stop-signals.js';

/** Adds `labelcast probe` to the program. */
export function addProbe(program: Command): void {
  explain(program.command('probe'), PROBE_HELP)
    .description(
      'open a file or a camera once: codec, size, rate, time to the first frame, or why it cannot be read',
    )
    .argument('<source>', 'a file or a URL')
    .option('-c, --config <file>', 'labelcast.yaml')
    .addOption(toHwaccel())
    .option('--json', 'one JSON object on stdout')
    .option('--live', 'an http(s) source has no end, as HLS and MJPEG of a camera')
    .option('--timeout <seconds>', 'how long to wait for the first frame of a live source', toSeconds, 15)
    .action(async (source: string, flags: ProbeFlags & ConfigFlags) => {
      using signals = new StopSignals(() => {});
      const { probe } = await import('./probe.js');
      const config = await toConfig(flags);
      const { signal } = signals;
      process.exitCode = await probe(source, flags, { config, out: process.stdout, signal }).catch(
        (error) => {
          if (signals.status === null) throw error;
          return signals.status;
        },
      );
    });
}

const PROBE_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast probe clip.mp4', does: 'what a file holds' },
    {
      line: 'labelcast probe rtsp://user:password@10.0.0.5/stream1',
      does: 'whether a camera answers, and how soon',
    },
    {
      line: 'labelcast probe rtsp://10.0.0.5/stream1 --json | jq .cause',
      does: 'why it does not, for programs',
    },
  ],
  exits: [
    ['0', 'the first frame was read'],
    ['1', 'the source cannot be read; the cause is printed'],
    ['2', 'flags or configuration are unusable'],
    ['130, 143', 'interrupted by Ctrl-C or SIGTERM'],
  ],
};
