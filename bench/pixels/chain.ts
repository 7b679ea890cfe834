// One chain from a clip to scores, frame by frame: ffmpeg and ONNX Runtime with a thread each. Prints how many frames it scored.
import { readFileSync } from 'node:fs';
import { openSession } from '../../src/infer/onnx-session.js';
import { NV12, RGB24, scoreAll } from './layout.js';

const [name, model, clip, fps] = process.argv.slice(2) as [string, string, string, string];
const session = await openSession(readFileSync(model), 'cpu');
let frames = 0;
for await (const _ of scoreAll(name === 'nv12' ? NV12 : RGB24, session, ['-i', clip], Number(fps))) frames++;
process.stdout.write(String(frames));
