import { type Command, Option } from 'commander';
import { type CommandHelp, ENDED_EXITS, explain } from './command-help.js';
import type { ConfigFlags } from './config-flags.js';
import type { ConsumeFlags } from './consume/flags.js';
import { toBrokers, toMoreNames, toPast, toScore } from './option-values.js';

/** Adds `labelcast consume` to the program. */
export function addConsume(program: Command): void {
  explain(program.command('consume'), CONSUME_HELP)
    .description('follow the label events in Kafka or in a journal, or show what holds now')
    .option('--kafka <brokers>', 'where Kafka is: HOST:PORT, separated by commas', toBrokers)
    .addOption(
      new Option('--journal <file>', 'read this journal instead, to its end unless --follow').conflicts([
        'kafka',
        'topicPrefix',
      ]),
    )
    .option('-c, --config <file>', 'labelcast.yaml, for the settings of its first kafka sink')
    .option('--topic-prefix <prefix>', 'read PREFIX.labels (default: labelcast)')
    .option('--stream <id...>', 'only these streams, separated by commas or spaces', toMoreNames)
    .option('--label <label...>', 'only these labels, separated by commas or spaces', toMoreNames)
    .option('--min <score>', 'only label events whose highest score so far is at least this, 0 to 1', toScore)
    .addOption(
      new Option('--from <place>', 'where to begin (default: now; beginning with --until-end)').choices([
        'beginning',
        'now',
      ]),
    )
    .addOption(
      new Option(
        '--since <time>',
        'begin with what was committed then: 10m, 2h or 3d ago, or 2026-01-05T10:00Z',
      )
        .argParser(toPast)
        .conflicts('from'),
    )
    .addOption(
      new Option('--follow', 'go on with what comes (the default of Kafka)').conflicts(['untilEnd', 'state']),
    )
    .option('--until-end', 'end when everything that is there is read; exit status 1 when events are missing')
    .addOption(
      new Option(
        '--state',
        'what holds now on the live streams: segments that are open and not expired',
      ).conflicts(['from', 'since', 'untilEnd']),
    )
    .addOption(
      new Option(
        '--format <format>',
        'table (the default on a terminal), json (a CloudEvent a line) or csv',
      ).choices(['table', 'json', 'csv']),
    )
    .addOption(new Option('--json', 'the same as --format json').conflicts(['table', 'format']))
    .addOption(new Option('--table', 'the same as --format table').conflicts(['json', 'format']))
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
      line: 'labelcast consume --kafka localhost:9092 --state',
      does: 'what holds now on the cameras',
    },
    {
      line: 'labelcast consume --kafka localhost:9092 --since 2h --until-end --format csv',
      does: 'the last two hours, for a spreadsheet',
    },
    {
      line: 'labelcast consume --journal tagged/journal.db --json | jq .data.label',
      does: 'of a journal, without Kafka',
    },
  ],
  exits: [
    ['0', 'read; what is followed never ends by itself'],
    ['1', 'events are missing, of a journal or with --until-end'],
    ['2', 'flags or configuration are unusable, or nothing could be read'],
    ...ENDED_EXITS,
  ],
};
