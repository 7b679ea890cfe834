import { readdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../../errors.js';
import { type Manifest, manifestSchema } from '../../infer/manifest.js';
import { hashFile, toModel } from '../../infer/model.js';
import { findDataFiles, readSignature } from '../../infer/onnx-signature.js';
import type { Finding } from '../doctor/finding.js';
import { TIMES, toDefaults } from './import-defaults.js';
import type { ImportFlags } from './import-flags.js';
import { planImport } from './import-plan.js';
import { proveImport } from './import-proof.js';
import { readLabelList, toCommaNotes } from './label-list.js';
import { printNextStep, printRemoved } from './next-step.js';
import { checkFolder } from '../output-folder.js';
import { printRows } from '../rows.js';
import { StopSignals } from '../stop-signals.js';
import { checkPackage } from './verify.js';
import { makePackage } from './write-package.js';

const LARGEST_BYTES = 2 ** 31 - 1;
/** What a package has beside the data files of its model. */
const OWN_FILES = /^(?:model\.onnx|manifest\.json|README\.md|golden\/.*)$/i;

/**
 * Makes a package of a foreign ONNX file, which stays as it is, and checks it. Resolves to the exit status; throws ConfigError
 * or InferError when the file cannot be used or the flags have to say more. Nothing is left of a package that is not good, nor
 * when Ctrl-C or SIGTERM came before it was.
 */
export async function importModel(
  file: string,
  flags: ImportFlags,
  out: NodeJS.WriteStream,
): Promise<number> {
  using stop = new StopSignals(() => {});
  try {
    return await makeAndCheck(file, { flags, out }, stop.signal);
  } catch (error) {
    if (stop.status === null) throw error;
    process.stderr.write('interrupted; nothing was made\n');
    return stop.status;
  }
}

async function makeAndCheck(
  file: string,
  { flags, out }: { readonly flags: ImportFlags; readonly out: NodeJS.WriteStream },
  signal: AbortSignal,
): Promise<number> {
  checkFolder(flags.output);
  await refuseFullFolder(flags.output);
  await refuseFolder(file);
  await refuseLarge(file);
  const labels = await readLabelList(flags.labels);
  const sha256 = await hashFile(file, 'name the ONNX file that was exported', signal);
  const plan = planImport(await readSignature(file, signal), labels.length, flags);
  const data = await hashDataFiles(file, signal);
  const { names, thresholds, guesses: defaults } = toDefaults(file, flags);
  const draft: Manifest = {
    schema: 1,
    ...names,
    files: { fp32: { path: 'model.onnx', sha256, ...(data.length === 0 ? {} : { data }) } },
    input: {
      ...plan.size,
      resize: flags.resize ?? 'squash',
      align: 'center',
      pad: 114,
      interpolation: flags.interpolation ?? 'bilinear',
      matrix: 'auto',
      range: 'full',
    },
    prelude: plan.prelude,
    labels: labels.map((name) => ({ name })),
    fps: 5,
    smoothing: { ...TIMES, ...thresholds },
    trainedOn: 'not stated',
    metrics: [],
  };
  checkDraft(draft);
  const model = { ...toModel(draft, dirname(file)), file: resolve(file) };
  const proof = await proveImport(model, flags, signal);
  const notes = toCommaNotes(labels, flags.labels);
  const guesses = [...plan.guesses, ...proof.guesses, ...defaults, ...notes];
  if (!flags.json) printRows(guesses, out);
  const { manifest, golden } = proof;
  let findings: readonly Finding[] = [];
  const check = async (): Promise<boolean> => {
    findings = await checkPackage(flags.output, flags, out, signal);
    return findings.every(({ status }) => status !== 'fail');
  };
  const isGood = await makePackage(flags.output, { model, manifest, golden }, check, signal);
  if (flags.json)
    out.write(`${JSON.stringify({ dir: flags.output, guesses: Object.fromEntries(guesses), findings })}\n`);
  else if (isGood) printNextStep(labels.length, flags, out);
  else printRemoved(flags, out);
  return isGood ? 0 : 1;
}

async function refuseFullFolder(dir: string): Promise<void> {
  const found = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new ConfigError(`the folder ${dir} cannot be read: ${error.code}`, [], {
      remedy: 'name a folder that does not exist yet with -o',
      cause: error,
    });
  });
  if (found.length > 0)
    throw new ConfigError(`the folder ${dir} is not empty`, [], {
      remedy: 'name another with -o, or remove it first',
    });
}

async function refuseFolder(file: string): Promise<void> {
  const stats = await stat(file).catch(() => null);
  if (!stats?.isDirectory()) return;
  throw new ConfigError(`${file} is a folder`, [], { remedy: 'name the ONNX file in it' });
}

/** Each file is read whole, which Node.js does up to a limit. */
async function refuseLarge(file: string): Promise<void> {
  const { size } = await stat(file).catch(() => ({ size: 0 })); // one that cannot be read is told of where it is
  if (size <= LARGEST_BYTES) return;
  throw new ConfigError(`${file} is ${(size / 2 ** 30).toFixed(1)} GiB; at most 2 GiB can be opened`, [], {
    remedy: 'export a smaller model, or its weights in several files',
  });
}

async function hashDataFiles(file: string, signal: AbortSignal): Promise<{ path: string; sha256: string }[]> {
  const hashed = [];
  for (const path of await findDataFiles(file)) {
    const data = resolve(dirname(file), path);
    await refuseLarge(data);
    hashed.push({
      path,
      sha256: await hashFile(data, 'export the model again, with the files of its weights', signal),
    });
  }
  return hashed;
}

/** A package is to be good on every system, so no file of it may have a name that is not. */
function checkDraft(draft: Manifest): void {
  const own = draft.files.fp32.data?.find(({ path }) => OWN_FILES.test(path));
  if (own !== undefined)
    throw new ConfigError(`the model keeps its weights in "${own.path}", a name that a package needs`, [], {
      remedy: 'name that file otherwise when it is exported',
    });
  const [issue] = manifestSchema.safeParse(draft).error?.issues ?? [];
  if (issue === undefined) return;
  const odd = draft.files.fp32.data?.find((_, n) => issue.path.join('.').startsWith(`files.fp32.data.${n}`));
  if (odd === undefined)
    throw new ConfigError(`the manifest would not be one: ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`the model keeps its weights in "${odd.path}", which no package can hold`, [], {
    remedy: 'use plain names when it is exported: letters, digits, dots, dashes and underscores',
  });
}
