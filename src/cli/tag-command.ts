import { type Command, Option } from 'commander';
import { type CommandHelp, ENDED_EXITS, explain } from './command-help.js';
import { LOG_LEVELS } from '../log-levels.js';
import { type ConfigFlags, toConfig, withConfigFlags } from './config-flags.js';
import { toBrokers, toDuration, toNames, toPort, toSeconds } from './option-values.js';
import { SHIPPED_MODEL } from './package-files.js';
import type { TagFlags } from './tag-flags.js';

/** Adds `labelcast tag` to the program; `version`: of labelcast. */
export function addTag(program: Command, version: string): void {
  explain(withConfigFlags(program.command('tag')), TAG_HELP)
    .description('tag files, folders, globs, http(s) files and cameras until they end')
    .argument(
      '<source...>',
      'files, folders, globs, http(s) files, and cameras (rtsp, rtsps, rtmp, rtmps, srt, udp, rtp, tcp)',
    )
    .option(
      '-o, --output <dir>',
      'write events.ndjson, segments.csv, subtitles (.vtt), report.html and journal.db there',
    )
    .option(
      '--json',
      'one CloudEvent a line on stdout, nothing else (the default when stdout is not a terminal)',
    )
    .addOption(
      new Option('--table', 'a table of segments on stdout, even when it is not a terminal').conflicts(
        'json',
      ),
    )
    .option('--labels <names>', 'only these labels, separated by commas', toNames)
    .option('--kafka <brokers>', 'deliver the events to Kafka too: HOST:PORT, separated by commas', toBrokers)
    .option('--journal <file>', 'keep the journal in this file')
    .addOption(new Option('--fresh', 'start anew: an old journal is moved aside').conflicts('resume'))
    .option('--resume', 'go on with an interrupted run; a missing journal is an error')
    .option(
      '--live',
      'http(s) sources have no end, as HLS and MJPEG of a camera (the other schemes never have one)',
    )
    .option('--duration <time>', 'how long to watch live sources, such as 30, 90s or 10m', toDuration)
    .option('--give-up-after <time>', 'a live source without a frame for so long has failed', toDuration, 20)
    .option(
      '--metrics-port <port>',
      'Prometheus metrics at http://127.0.0.1:PORT/metrics while it runs; 0: any free port',
      toPort,
    )
    .option(
      '--deliver-timeout <seconds>',
      'how long to wait at the end for events to be delivered',
      toSeconds,
      60,
    )
    .addOption(
      new Option('--log-level <level>', 'how much to say on stderr').choices(LOG_LEVELS).default('warn'),
    )
    .addOption(new Option('--log-format <format>', 'how to say it').choices(['text', 'json']).default('text'))
    .option('--no-progress', 'no progress line')
    .action(async (sources: string[], flags: TagFlags & ConfigFlags) => {
      const { tag } = await import('./tag.js');
      const config = await toConfig(flags);
      process.exitCode = await tag(
        sources,
        { ...flags, modelDir: config.model.path ?? SHIPPED_MODEL, version },
        config,
      );
    });
}

const TAG_HELP: CommandHelp = {
  examples: [
    { line: 'labelcast tag clip.mp4', does: 'a table of what is seen, from when to when' },
    {
      line: 'labelcast tag archive/ -o tagged',
      does: 'every video in a folder; report, events, segments and journal in tagged/',
    },
    { line: 'labelcast tag archive/ -o tagged --resume', does: 'go on after an interruption' },
    { line: 'labelcast tag archive/ --kafka localhost:9092', does: 'deliver the events to Kafka' },
    {
      line: 'labelcast tag rtsp://user:password@10.0.0.5/stream1 --duration 10m',
      does: 'ten minutes of a camera',
    },
    {
      line: `labelcast tag clip.mp4 --json | jq -r 'select(.data.phase=="ended").data | [.label,.startMs,.endMs] | @tsv'`,
      does: 'events as JSON, for other programs',
    },
  ],
  exits: [
    ['0', 'all is tagged and delivered'],
    ['1', 'a source failed, or an event was not delivered in time; the rest is complete'],
    ['2', 'flags, configuration or model are unusable, or no source at all; nothing was started'],
    ...ENDED_EXITS,
  ],
};
