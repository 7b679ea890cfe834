import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InferError } from '../errors.js';
import { NO_TELEMETRY } from './tagger-child.js';

/** A tensor that an ONNX file takes or gives; a size that is not fixed is a name, or empty. */
export interface OnnxValue {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What an ONNX file takes and gives. */
export interface Signature {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** In the wire format: the tag of TensorProto.external_data, and of such an entry the key and the tag of its value. */
const EXTERNAL_DATA = 0x6a;
const LOCATION = Buffer.from('\n\u0008location\u0012');
/** What ONNX Runtime says of weights that are not there in full. */
const CUT_OFF = /offset: (\d+) size to read: (\d+) given file_length: (\d+)/;
const QUIET = { throwIfNoEntry: false } as const;

const SIGNATURE_PROCESS = new URL('./signature-process.js', import.meta.url);

/** Reads what an ONNX file takes and gives. Throws InferError when ONNX Runtime cannot open it, with why, and when `signal` aborts. */
export async function readSignature(file: string, signal: AbortSignal): Promise<Signature> {
  const child = fork(SIGNATURE_PROCESS, [], {
    execArgv: [],
    env: { ...process.env, ...NO_TELEMETRY },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const over = new AbortController();
  const options = { signal: AbortSignal.any([signal, over.signal]) };
  try {
    child.send(resolve(file), () => {}); // when it cannot be sent the process has ended, and that is told below
    const [answer] = (await Promise.race([
      once(child, 'message', options),
      once(child, 'exit', options).then(() => ['ONNX Runtime ended while it read it']),
    ])) as [Signature | string];
    if (typeof answer === 'string') throw (await findCutOff(file, answer)) ?? refuse(file, answer);
    return answer;
  } finally {
    over.abort();
    child.kill('SIGKILL');
  }
}

/** The files that an ONNX file asks for as its weights and that lie beside it, by the names it has for them. */
export async function findDataFiles(file: string): Promise<string[]> {
  const bytes = await readFile(file);
  const names = new Set<string>();
  for (let at = bytes.indexOf(LOCATION); at !== -1; at = bytes.indexOf(LOCATION, at + LOCATION.length)) {
    // the entry's own length is one byte or two, as its name is short or long
    if (bytes[at - 2] !== EXTERNAL_DATA && bytes[at - 3] !== EXTERNAL_DATA) continue;
    const after = at + LOCATION.length;
    const isLong = bytes[after]! >= 128;
    const length = isLong ? (bytes[after]! & 127) + 128 * bytes[after + 1]! : bytes[after]!;
    const start = after + (isLong ? 2 : 1);
    names.add(bytes.toString('utf8', start, start + length));
  }
  const found = [...names].map((name) => ({ name, stats: statSync(resolve(dirname(file), name), QUIET) }));
  return found.filter(({ stats }) => stats?.isFile()).map(({ name }) => name);
}

/** That a file of weights ends before what is to be read of it; null: it is something else. */
async function findCutOff(file: string, why: string): Promise<InferError | null> {
  const [found, offset, size, length] = CUT_OFF.exec(why) ?? [];
  if (found === undefined) return null;
  // the name is not told, the length is
  const names = (await findDataFiles(file)).filter(
    (name) => statSync(resolve(dirname(file), name)).size === Number(length),
  );
  const which = names.length === 1 ? `the file of weights ${names[0]}` : 'a file of its weights';
  const wanted = Number(offset) + Number(size);
  return new InferError(
    `${which} is shorter than ${file} says: it has ${length} bytes, and weights are read up to byte ${wanted}`,
    { remedy: 'copy the whole of it again from where the model was exported' },
  );
}

function refuse(file: string, why: string): InferError {
  const missing = /External data path does not exist: "([^"]+)"/.exec(why)?.[1];
  if (missing !== undefined)
    return new InferError(`${file} keeps its weights in ${missing}, which is not there`, {
      remedy: 'put that file back, under the name it had when the model was exported',
    });
  if (/protobuf parsing failed|does not have a graph/i.test(why))
    return new InferError(`${file} is no ONNX file`, {
      remedy: 'export the model as ONNX, and copy the whole file',
    });
  if (/only \*guarantees\* support|Unsupported model IR version/.test(why))
    return new InferError(`${file} is of a newer ONNX than is known here`, {
      remedy: 'export it with opset_version=18',
    });
  const reason = why.replace(/^Load model from .* failed:/, '').replace(/\.$/, '');
  return new InferError(`ONNX Runtime cannot open ${file}: ${reason}`, {
    remedy: 'export it with the standard operators of ONNX',
  });
}
