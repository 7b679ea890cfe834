import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Config, type SinkConfig, toSinkName } from '../config/config.js';
import { ConfigError } from '../errors.js';
import { type Model, toPrecision } from '../infer/model.js';
import { openTagger } from '../infer/tagger-host.js';
import { redactUrl } from '../redact.js';
import { toPrintable } from './messages.js';

/** Throws ConfigError that lists the files of `serve`, journal and NDJSON, that could not be written. */
export function checkFiles(config: Config, journalFile: string): void {
  const files = [
    ['journal.path', journalFile] as const,
    ...config.sinks.flatMap(({ ndjson }, n) =>
      ndjson === undefined ? [] : [[`sinks.${n}.ndjson.path`, resolve(ndjson.path)] as const],
    ),
  ];
  const issues = files.flatMap(([key, file]) => {
    const why = whyNotWritable(file);
    return why === null ? [] : [`${key}: ${why}`];
  });
  if (issues.length > 0)
    throw new ConfigError('there are files that cannot be written', issues, {
      remedy: 'create the folders, give this user the right to write there, or name others',
    });
}

/** Why a file could not be written, in words; null: it could. */
export function whyNotWritable(file: string): string | null {
  const folder = dirname(file);
  const above = statSync(folder, { throwIfNoEntry: false });
  if (above === undefined) return `the folder ${folder} is not there`;
  if (!above.isDirectory()) return `${folder} is no folder`;
  if (existsSync(file) && !statSync(file).isFile()) return `${file} is no file`;
  const closed = [folder, ...(existsSync(file) ? [file] : [])].find((place) => !isWritable(place));
  return closed === undefined ? null : `this user may not write ${closed}`;
}

function isWritable(place: string): boolean {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens the model on the CPU and lets it go again, with every batch size of `serve` warm. Throws InferError when it does not fit
 * its manifest, ConfigError when it has no file of the precision.
 */
export async function checkModel(model: Model, { model: wanted, batching }: Config): Promise<void> {
  const { device, precision } = wanted;
  const isElsewhere = isUntried(device);
  if (isElsewhere) toPrecision(model, precision, device);
  await using _ = await openTagger({
    model,
    device: 'cpu',
    precision: isElsewhere ? 'fp32' : precision,
    maxBatch: batching.maxSize,
    plan: { sessions: 1 },
  });
}

/** `auto` ends with the CPU at the latest. */
function isUntried(device: Config['model']['device']): device is 'cuda' | 'webgpu' {
  return device !== 'cpu' && device !== 'auto';
}

/** What `serve` would watch, for programs. */
export function toVerdict({ streams, sinks }: Config, { info }: Model): string {
  return `ok: ${toCount(streams, 'stream')}, ${toCount(sinks, 'sink')}, ${info.name}\n`;
}

function toCount({ length }: readonly unknown[], what: string): string {
  return length === 1 ? `1 ${what}` : `${length} ${what}s`;
}

/** What `serve` would do, for people, without credentials. */
export function toCheckReport(config: Config, model: Model, journalFile: string): string {
  const { name, version } = model.info;
  const lines = [
    `  model   ${name} ${version}  opens on cpu`,
    ...config.streams.map(({ id, url }) => `  stream  ${id}  ${redactUrl(url)}`),
    ...config.sinks.map((sink) => `  sink    ${toSinkName(sink)}  ${toTarget(sink)}`),
    `  journal ${journalFile}`,
    ...(config.sinks.length === 0 ? [toNoSinkNote(journalFile)] : []),
    `not tried: ${toUntried(config).join(', ')}`,
  ];
  return lines.map((line) => `${toPrintable(line)}\n`).join('');
}

function toUntried({ model, decoding }: Config): string[] {
  return [
    'cameras',
    'brokers',
    'port',
    ...(isUntried(model.device) ? [`device ${model.device}`] : []),
    ...(decoding.hardware === 'off' ? [] : [`hardware ${decoding.hardware} that decodes`]),
  ];
}

/** Where events are when nothing delivers them. */
export function toNoSinkNote(journalFile: string): string {
  return `no sinks: events stay in ${journalFile}, for labelcast report and labelcast consume`;
}

function toTarget({ kafka, ndjson }: SinkConfig): string {
  if (kafka === undefined) return `file ${resolve(ndjson!.path)}`; // one of the two, by the schema
  return `Kafka at ${kafka.brokers.join(',')}, topics ${kafka.topicPrefix}.*`;
}
