import { type Command, Option } from 'commander';
import { type CommandHelp, ENDED_EXITS, explain } from './command-help.js';
import type { ConfigFlags } from './config-flags.js';
import type { ConsumeFlags } from './consume.js';
import { toBrokers, toMoreNames } from './option-values.js';

/** Adds `labelcast consume` to the program. */
export function addConsume(program: Command): void {
  explain(program.command('consume'), CONSUME_HELP)
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
      const { consume } = await import('./consume.js');
      const { readKafkaConfig } = await import('../config/read-config.js');
      const { config, ...rest } = flags;
      process.exitCode = await consume(
        rest,
        config === undefined ? null : readKafkaConfig(config, process.env),
      );
    });
}

const CONSUME_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast consume --kafka localhost:9092', does: 'label events as they come' },
    {
      line: 'labelcast consume -c labelcast.yaml --stream gate-2 --label person,dog',
      does: 'with the logins of a configuration; some events only',
    },
    {
      line: 'labelcast consume --kafka localhost:9092 --until-end',
      does: 'all that is there, and whether any event is missing',
    },
    {
      line: 'labelcast consume --journal tagged/journal.db --json | jq .data.label',
      does: 'of a journal, without Kafka',
    },
  ],
  exits: [
    ['0', 'read; without --until-end it never ends by itself'],
    ['1', 'events are missing, of a journal or with --until-end'],
    ['2', 'flags or configuration are unusable, or nothing could be read'],
    ...ENDED_EXITS,
  ],
};
