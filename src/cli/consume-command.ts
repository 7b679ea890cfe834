import { type Command, Option } from 'commander';
import { readKafkaConfig } from '../config/read-config.js';
import type { ConfigFlags } from './config-flags.js';
import { consume, type ConsumeFlags } from './consume.js';
import { toBrokers, toMoreNames } from './option-values.js';

/** Adds `labelcast consume` to the program. */
export function addConsume(program: Command): void {
  program
    .command('consume')
    .description('follow the label events in Kafka, or read those of a journal')
    .option('--kafka <brokers>', 'where Kafka is: HOST:PORT, separated by commas', toBrokers)
    .addOption(
      new Option('--journal <file>', 'read this journal instead, to its end').conflicts([
        'kafka',
        'topicPrefix',
      ]),
    )
    .option('-c, --config <file>', 'labelcast.yaml, for the settings of its first kafka sink')
    .option('--topic-prefix <prefix>', 'read PREFIX.labels (default: labelcast)')
    .option('--stream <id...>', 'only these streams, separated by commas or spaces', toMoreNames)
    .option('--label <label...>', 'only these labels, separated by commas or spaces', toMoreNames)
    .addOption(
      new Option('--from <place>', 'where to begin (default: now; beginning with --until-end)').choices([
        'beginning',
        'now',
      ]),
    )
    .option('--json', 'one CloudEvent a line (the default when stdout is not a terminal)')
    .addOption(new Option('--table', 'columns, even when stdout is not a terminal').conflicts('json'))
    .option('--until-end', 'end when everything that is there is read; exit status 1 when events are missing')
    .action(async (flags: ConsumeFlags & ConfigFlags) => {
      const { config, ...rest } = flags;
      process.exitCode = await consume(
        rest,
        config === undefined ? null : readKafkaConfig(config, process.env),
      );
    });
}
