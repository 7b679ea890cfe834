import { statfsSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Config } from '../config/config.js';
import { findFfmpeg } from '../ingest/ffmpeg-build.js';
import { readModel } from '../infer/model.js';
import { openTagger } from '../infer/tagger-host.js';
import { toMessage } from './messages.js';

/** What one check found. `fail`: tagging will not work; `warn`: it works, but worse than it could. */
interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

const LOW_DISK_BYTES = 1 << 30;

/** Checks everything a run needs and says how to mend what is wrong; resolves to the exit status. */
export async function doctor(config: Config, modelDir: string, out: NodeJS.WritableStream): Promise<number> {
  const findings = [
    await attempt('ffmpeg', () => checkFfmpeg(config)),
    ...(await checkModel(config, modelDir)),
    await attempt('disk', async () => checkDisk(process.cwd())),
  ];
  for (const { name, status, text } of findings)
    out.write(`${status.padEnd(4)}  ${name.padEnd(8)}  ${text}\n`);
  return findings.some((finding) => finding.status === 'fail') ? 1 : 0;
}

async function attempt(name: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return { name, status: 'fail', text: toMessage(error) };
  }
}

async function checkFfmpeg(config: Config): Promise<Finding> {
  const build = await findFfmpeg(config.ffmpeg.path ?? null, process.env);
  const text = `${build.version} at ${build.path} (${build.origin})`;
  return {
    name: 'ffmpeg',
    status: build.warning === null ? 'ok' : 'warn',
    text: build.warning === null ? text : `${text}; ${build.warning}`,
  };
}

/** The package on disk, then the provider proved by a timed run of it. */
async function checkModel(config: Config, dir: string): Promise<Finding[]> {
  try {
    const model = await readModel(dir);
    const found: Finding = {
      name: 'model',
      status: 'ok',
      text: `${model.info.name} ${model.info.version}, ${model.info.labels.length} labels, in ${dir}`,
    };
    return [found, await attempt('provider', () => checkProvider(config, model))];
  } catch (error) {
    return [{ name: 'model', status: 'fail', text: toMessage(error) }];
  }
}

async function checkProvider(config: Config, model: Awaited<ReturnType<typeof readModel>>): Promise<Finding> {
  await using tagger = await openTagger({ model, device: config.model.device });
  const bytes = new Uint8Array(model.input.width * model.input.height * 3);
  const frame = { bytes, hash: () => 0, release: () => {} };
  const rounds = 10;
  const startedMs = performance.now();
  for (let n = 0; n < rounds; n++) await tagger.tag([frame], { fixed: true });
  const perFrameMs = (performance.now() - startedMs) / rounds;
  const { requested, effective, device } = tagger.provider;
  const text = `${effective} on ${device} (asked for: ${requested}), ${perFrameMs.toFixed(1)} ms a frame, ${tagger.lanes} batches under way at most on ${cpus().length} cores`;
  return { name: 'provider', status: 'ok', text };
}

function checkDisk(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${(free / 2 ** 30).toFixed(1)} GiB free in ${folder}`;
  if (free >= LOW_DISK_BYTES) return { name: 'disk', status: 'ok', text };
  return { name: 'disk', status: 'warn', text: `${text}; free some space, a full disk stops the journal` };
}
