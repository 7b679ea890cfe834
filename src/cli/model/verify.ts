import { readGolden } from '../../infer/golden.js';
import { type Model, readModel } from '../../infer/model.js';
import { distanceOf, findWorst, isIndependent, makeNoise, score } from '../../infer/model-proof.js';
import type { TaggerHost } from '../../infer/tagger-host.js';
import { attempt, type Finding, fail, ok, warn } from '../doctor/finding.js';
import { printFinding, toVerdict } from '../doctor/finding-lines.js';
import { EXIT_USAGE } from '../messages.js';
import { MODEL_DOCUMENT } from '../package-files.js';
import type { ModelFlags } from './model-flags.js';
import { openJudged } from './open-judged.js';

/** Of the batches in which frames must not change each other's scores. */
const BATCH = 4;
const NOISE_FRAMES = 6;
/** How far a score in 16 bits may be off. */
const HALF_TOLERANCE = 0.01;

/**
 * Checks all of a package: manifest, files, session, golden frames, and that frames in a batch leave each other alone. Resolves
 * to the exit status: 1 when it scores as it should not, 2 when it cannot be used at all, as every run that names it ends.
 */
export async function verify(dir: string, flags: ModelFlags, out: NodeJS.WriteStream): Promise<number> {
  const findings = await checkPackage(dir, flags, out, new AbortController().signal);
  if (flags.json) out.write(`${JSON.stringify({ dir, findings })}\n`);
  const failed = findings.filter(({ status }) => status === 'fail').map(({ name }) => name);
  if (failed.includes('model') || failed.includes('provider')) return EXIT_USAGE;
  return failed.length === 0 ? 0 : 1;
}

/**
 * Checks a package as `verify` does, and prints what it finds unless it is to be JSON. Throws the reason of `signal` when it
 * aborts.
 */
export async function checkPackage(
  dir: string,
  flags: ModelFlags,
  out: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const tell = (some: readonly Finding[]): void => {
    signal.throwIfAborted(); // it is why a check failed
    findings.push(...some);
    if (!flags.json) for (const finding of some) printFinding(finding, out);
  };
  let model: Model | undefined;
  tell(
    await attempt('model', async () => {
      model = await readModel(dir, 'in its place', signal);
      const { name, version, labels } = model.info;
      const { sha256 } = model.manifest.files.fp32;
      return [
        ok(
          'model',
          `${name} ${version}, ${labels.length} labels; ${model.file} is its model, sha256 ${sha256}`,
        ),
      ];
    }),
  );
  if (model !== undefined) await verifyScores(model, { flags, tell }, signal);
  if (!flags.json && out.isTTY) out.write(`${toVerdict(findings)}\n`);
  return findings;
}

async function verifyScores(
  model: Model,
  { flags, tell }: { readonly flags: ModelFlags; readonly tell: (findings: readonly Finding[]) => void },
  signal: AbortSignal,
): Promise<void> {
  const { device, precision } = flags;
  let opened: TaggerHost | undefined;
  tell(
    await attempt('provider', async () => {
      opened = await openJudged({ model, device, precision, batchSizes: [1, BATCH] }, signal);
      const { requested, effective, device: on } = opened.provider;
      return [
        ok(
          'provider',
          `opens on ${effective}, ${on} (asked for: ${requested}); input and output are those of the manifest`,
        ),
      ];
    }),
  );
  if (opened === undefined) return;
  await using tagger = opened;
  tell(await attempt('golden', () => checkGolden(model, tagger)));
  tell(await attempt('scores', () => checkScores(model, tagger)));
}

async function checkGolden(model: Model, tagger: TaggerHost): Promise<Finding[]> {
  const { labels } = model.info;
  const golden = await readGolden(model.dir, model.input, labels.length);
  if (golden === null) {
    const text = 'there are no golden frames: nothing proves that the scores are those of the trained model';
    const remedy = `add golden/golden.json and golden/frames.u8.gz: ${MODEL_DOCUMENT} says what they hold`;
    return [warn('golden', text, remedy)];
  }
  const worst = await findWorst(tagger, golden);
  const frames = `${golden.frames.length} frames`;
  const isHalf = tagger.model.fileSha256 === model.manifest.files.fp16?.sha256;
  const allowed = isHalf ? Math.max(HALF_TOLERANCE, golden.tolerance) : golden.tolerance;
  if (distanceOf(worst) <= allowed)
    return [
      ok(
        'golden',
        `${frames} score as stored; the furthest is off by ${distanceOf(worst).toExponential(1)}, allowed ${allowed}`,
      ),
    ];
  const text = `frame ${worst.frame + 1} of ${frames} scores ${worst.score.toFixed(4)} for ${labels[worst.label]}, stored ${worst.wanted.toFixed(4)}, allowed ${allowed}`;
  return [fail('golden', text, toGoldenRemedy(model, tagger))];
}

/** The model file is the one of the manifest here. */
function toGoldenRemedy({ manifest }: Model, { provider }: TaggerHost): string {
  const anew =
    manifest.prelude === undefined
      ? 'golden scores are those of model and settings: get the whole package again'
      : 'golden scores are those of the settings in manifest.json: to change one, remove the folder and import again';
  return provider.effective === 'cpu' ? anew : `${anew}; if none was changed, try --device cpu`;
}

async function checkScores(model: Model, tagger: TaggerHost): Promise<Finding[]> {
  const { width, height } = model.input;
  const frames = makeNoise(NOISE_FRAMES, width * height * 3);
  const scores = (await score(tagger, frames.slice(0, BATCH))).flatMap((one) => [...one]);
  const wild = scores.find((value) => !(value >= 0 && value <= 1));
  const range =
    wild === undefined
      ? ok('scores', 'between 0 and 1')
      : fail(
          'scores',
          `${wild.toPrecision(4)} is no probability`,
          model.manifest.prelude === undefined
            ? 'put the sigmoid into the model: scores are to be between 0 and 1'
            : 'import it with --activation sigmoid: scores are to be between 0 and 1',
        );
  if (await isIndependent(tagger, frames)) {
    const company = tagger.isOneByOne
      ? 'the same bits in any order; frames are run one by one'
      : `the same bits alone and in batches of ${BATCH}, whatever shares the batch`;
    return [range, ok('scores', company)];
  }
  const text = `a frame's scores depend on what shares its batch of ${BATCH}: the same file would give other events in other company`;
  return [
    range,
    fail(
      'scores',
      text,
      'look for batch statistics or a fixed batch size in the model, and export it for inference',
    ),
  ];
}
