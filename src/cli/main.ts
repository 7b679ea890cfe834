#!/usr/bin/env -S node --min-semi-space-size=16
// Pictures pass by in short-lived buffers: with more room for them the collector stops the process 1 time instead of 18.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/config.js';
import { readConfig, readKafkaConfig } from '../config/read-config.js';
import { ConfigError } from '../errors.js';
import { LOG_LEVELS } from '../log.js';
import { consume, type ConsumeFlags } from './consume.js';
import { doctor } from './doctor.js';
import { EXIT_PIPE, EXIT_USAGE, toMessage } from './messages.js';
import { type ProbeFlags, probe } from './probe.js';
import { addReport } from './report-command.js';
import { serve, type ServeFlags } from './serve.js';
import { StopSignals } from './stop-signals.js';
import { tag } from './tag.js';
import type { TagFlags } from './tag-flags.js';

const PACKAGE_ROOT = new URL('../../../', import.meta.url);
const SHIPPED_MODEL = fileURLToPath(new URL('model/sgfn-nano-coco80', PACKAGE_ROOT));

/** The flags that overlay the config file, the same in every command. */
interface ConfigFlags {
  readonly config?: string;
  readonly model?: string;
  readonly device?: Config['model']['device'];
  readonly fps?: number;
}

function createProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8')) as {
    version: string;
  };
  const program = new Command('labelcast')
    .description('Tags videos with a multi-label network and publishes steady label segments.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) })
    .showHelpAfterError('(labelcast --help lists the commands)');
  addTag(program, version);
  addServe(program, version);
  addConsume(program);
  addReport(program, version);
  addProbe(program);
  addDoctor(program);
  return program;
}

function addTag(program: Command, version: string): void {
  withConfigFlags(program.command('tag'))
    .showHelpAfterError('(labelcast tag --help lists its options)')
    .description('tag files, folders, globs, http(s) files and cameras until they end')
    .argument('<source...>', 'files, folders, globs, http(s) and rtsp(s) URLs')
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
    .option('--live', 'http(s) sources have no end')
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
    .addHelpText('after', TAG_EXAMPLES)
    .action(async (sources: string[], flags: TagFlags & ConfigFlags) => {
      const config = toConfig(flags);
      process.exitCode = await tag(
        sources,
        { ...flags, modelDir: config.model.path ?? SHIPPED_MODEL, version },
        config,
      );
    });
}

const TAG_EXAMPLES = `
Examples:
  labelcast tag clip.mp4                     a table of what is seen, from when to when
  labelcast tag archive/ -o tagged           every video in a folder; report, events, segments and journal in tagged/
  labelcast tag archive/ -o tagged --resume  go on after an interruption
  labelcast tag archive/ --kafka localhost:9092
  labelcast tag rtsp://user:password@10.0.0.5/stream1 --duration 10m
  labelcast tag clip.mp4 --json | jq -r 'select(.data.phase=="ended").data | [.label,.startMs,.endMs] | @tsv'

Exit status: 0 all tagged and delivered; 1 a source failed (the rest is complete); 2 nothing could be started;
130, 143 interrupted; 141 the reader of standard output went away.`;

function addServe(program: Command, version: string): void {
  withConfigFlags(program.command('serve'))
    .showHelpAfterError('(labelcast serve --help lists its options)')
    .description('watch the streams of the config file around the clock, with metrics')
    .option('--check', 'only say whether config, model and files can be used, and what would be watched')
    .addOption(
      new Option('--log-level <level>', 'how much to say on stderr').choices(LOG_LEVELS).default('info'),
    )
    .addOption(new Option('--log-format <format>', 'how to say it').choices(['text', 'json']).default('text'))
    .action(async (flags: ServeFlags & ConfigFlags) => {
      const config = toConfig(flags);
      process.exitCode = await serve(config, {
        flags,
        modelDir: config.model.path ?? SHIPPED_MODEL,
        version,
      });
    });
}

function addConsume(program: Command): void {
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

function addProbe(program: Command): void {
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

function addDoctor(program: Command): void {
  withConfigFlags(program.command('doctor'))
    .showHelpAfterError('(labelcast doctor --help lists its options)')
    .description('check ffmpeg, model, execution provider and disk, and say how to mend what is wrong')
    .action(async (flags: ConfigFlags) => {
      const config = toConfig(flags);
      process.exitCode = await doctor(config, config.model.path ?? SHIPPED_MODEL, process.stdout);
    });
}

function withConfigFlags(command: Command): Command {
  return command
    .option('-c, --config <file>', 'labelcast.yaml')
    .option('--model <dir>', 'model package to use')
    .addOption(
      new Option('--device <device>', 'execution provider').choices(['auto', 'cpu', 'cuda', 'webgpu']),
    )
    .option('--fps <n>', 'frames scored per second of video', toFps);
}

function toConfig(flags: ConfigFlags): Config {
  const warn = (text: string) => process.stderr.write(`warning: ${text}\n`);
  const config = readConfig(flags.config ?? null, process.env, warn);
  return {
    ...config,
    model: { path: flags.model ?? config.model.path, device: flags.device ?? config.model.device },
    sampling: { fps: flags.fps ?? config.sampling.fps },
  };
}

function toFps(text: string): number {
  const fps = Number(text);
  if (!(fps > 0 && fps <= 120)) throw new InvalidArgumentError('It must be above 0 and at most 120.');
  return fps;
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0 && seconds <= 86_400))
    throw new InvalidArgumentError('It must be seconds, at most a day.');
  return seconds;
}

function toPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be 0 to 65535.');
  return port;
}

function toBrokers(text: string): string[] {
  const brokers = text.split(',').map((broker) => broker.trim());
  if (!brokers.every((broker) => /^\S+:\d{1,5}$/.test(broker)))
    throw new InvalidArgumentError('Write HOST:PORT, several separated by commas.');
  return brokers;
}

/** Seconds of `90`, `90s`, `10m` or `2h`. */
function toDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const seconds = match === null ? 0 : Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2] ?? 's']!;
  if (seconds > 0 && seconds <= 365 * 86_400) return seconds;
  throw new InvalidArgumentError('Write it as 30, 90s, 10m or 2h.');
}

function toNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is empty.');
  return names;
}

function toMoreNames(text: string, before: readonly string[] = []): string[] {
  return [...before, ...toNames(text)];
}

// A reader that goes away (`| head`, `2>&-`) must not end a run, nor show a stack trace.
process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exitCode ??= EXIT_PIPE;
});

/** `*.mp4` may stand for -old.mp4, which would be read as `-o ld.mp4`. */
function refuseFilesLikeOptions(args: readonly string[]): void {
  const end = args.indexOf('--');
  for (const arg of end < 0 ? args : args.slice(0, end)) {
    if (!/^-[^-]./.test(arg) || !existsSync(arg)) continue;
    throw new ConfigError(`${arg} is a file here, but would be read as an option`, [], {
      remedy: `write ./${arg}`,
    });
  }
}

try {
  refuseFilesLikeOptions(process.argv.slice(2));
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  } else {
    process.stderr.write(`error: ${toMessage(error)}\n`);
    process.exitCode = EXIT_USAGE;
  }
}
