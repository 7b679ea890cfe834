import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readModel } from '../../src/infer/model.js';
import { openTagger } from '../../src/infer/tagger-host.js';
import { findFfmpeg } from '../../src/ingest/ffmpeg-build.js';
import { readTrace, type Trace } from '../truth/trace.js';
import { makeTrace, MODEL } from '../truth/traces.js';

const NAME = 'demo';

/** What the shipped model says of the demo clip; scored now, unless the folder holds it already. */
export async function readDemo(folder: string): Promise<Trace> {
  const model = await readModel(MODEL);
  if (!isThere(folder, model.info.sha256)) {
    mkdirSync(folder, { recursive: true });
    const build = await findFfmpeg(null, process.env);
    await using tagger = await openTagger({ model, device: 'cpu', isForFilesOnly: true });
    const job = { folder, name: NAME, clip: 'demo/demo.mp4', fps: model.manifest.fps };
    await makeTrace(job, { build, model, tagger });
  }
  return readTrace(folder, NAME);
}

function isThere(folder: string, modelSha256: string): boolean {
  const header = join(folder, `${NAME}.trace.json`);
  return existsSync(header) && readTrace(folder, NAME).modelSha256 === modelSha256;
}
