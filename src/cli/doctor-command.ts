import type { Command } from 'commander';
import { type CommandHelp, ENDED_EXITS, explain } from './command-help.js';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import type { DoctorFlags } from './doctor.js';
import { toBrokers } from './option-values.js';
import { SHIPPED_MODEL } from './package-files.js';
import { StopSignals } from './stop-signals.js';

/** Adds `labelcast doctor` to the program; `version`: of labelcast. */
export function addDoctor(program: Command, version: string): void {
  explain(withConfigFlags(program.command('doctor')), DOCTOR_HELP)
    .description('check everything that a run with this config needs, and say how to mend what is wrong')
    .option('--journal <file>', 'look at this journal, not at that of the config')
    .option('--kafka <brokers>', 'look at these brokers too: HOST:PORT, separated by commas', toBrokers)
    .option('--streams', 'open each stream of the config once')
    .option('--json', 'one JSON object on stdout, for a bug report')
    .action(async (flags: DoctorFlags & ConfigFlags) => {
      using signals = new StopSignals(() => {});
      const { doctor } = await import('./doctor.js');
      const config = await toConfig(flags);
      const modelDir = config.model.path ?? SHIPPED_MODEL;
      const patient = { flags, modelDir, version, out: process.stdout };
      const status = await doctor(config, patient, signals.signal).catch((error) => {
        if (signals.status === null) throw error;
        process.exit(process.exitCode ?? signals.status); // checks that are under way end with the process
      });
      process.exitCode ??= status; // unless the reader has gone
    });
}

const DOCTOR_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast doctor', does: 'whether this machine can tag' },
    {
      line: 'labelcast doctor -c labelcast.yaml --streams',
      does: 'whether serve can run with a configuration: journal, port, Kafka and each camera',
    },
    { line: 'labelcast doctor --kafka localhost:9092', does: 'whether events can be delivered there' },
    { line: 'labelcast doctor --json > doctor.json', does: 'what to add to a bug report; no passwords' },
  ],
  exits: [
    ['0', 'nothing keeps labelcast from working; there may be warnings'],
    ['1', 'something does'],
    ['2', 'flags or configuration are unusable'],
    ...ENDED_EXITS,
  ],
};
