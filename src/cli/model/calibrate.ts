import { setImmediate as yieldTurn } from 'node:timers/promises';
import { calibrate, type Calibration } from '../../calibrate/calibrate.js';
import { calibratePhotos } from '../../calibrate/calibrate-photos.js';
import { type ChosenKeys, isEmpty, toChosenKeys } from '../../calibrate/chosen-keys.js';
import { checkEnough } from '../../calibrate/enough.js';
import type { LabelledClip } from '../../calibrate/parts.js';
import { checkEnoughPhotos, readPhotoLabels } from '../../calibrate/photo-labels.js';
import { withSection } from '../../config/yaml.js';
import { ConfigError } from '../../errors.js';
import { readModel } from '../../infer/model.js';
import type { Smoothing } from '../../types.js';
import { type LabelledSetting, planLabelled, readTruths, refuseMany } from '../eval/labelled-videos.js';
import { type TaggedClip, tagClips } from '../eval/tag-clips.js';
import { EXIT_PIPE, EXIT_USAGE, toPrintable } from '../messages.js';
import { Screen } from '../screen.js';
import { StandardOutput } from '../standard-output.js';
import { StopSignals } from '../stop-signals.js';
import type { TagPlan } from '../tag.js';
import { toTableLook } from '../terminal-look.js';
import { toCalibrationTable, toPhotoLines } from './calibration-table.js';
import { scorePhotos } from './score-photos.js';
import { planWriting, type Write } from './write-settings.js';

/** The flags of `labelcast model calibrate`. */
export interface CalibrateFlags {
  /** Of the one clip; else truth lies beside each. */
  readonly truth?: string;
  /** The configuration file. */
  readonly config?: string;
  readonly photos?: string;
  readonly labels?: readonly string[];
  /** A .yaml file, or the folder of a model package. */
  readonly write?: string;
  readonly budget: number;
  /** Seconds that a start may be sure after the label was first seen, in 95 of 100 cases. */
  readonly latest: number;
  readonly json?: boolean;
  readonly progress: boolean;
}

const WHOLE = 100;

/**
 * `labelcast model calibrate`: tags labelled clips, chooses settings by them and writes them down; resolves to the exit status.
 * Throws ConfigError when a truth cannot be used, there is too little of it, or the place to write to is none, InferError or
 * PublishError when nothing can be tagged or written.
 */
export async function calibrateModel(
  clips: readonly string[],
  flags: CalibrateFlags,
  setting: LabelledSetting,
): Promise<number> {
  using screen = new Screen(process.stderr);
  using stop = new StopSignals(() => screen.print('stopping'));
  using pipe = new StandardOutput();
  const signal = AbortSignal.any([stop.signal, pipe.closed]);
  if (flags.photos !== undefined && clips.length + (flags.truth === undefined ? 0 : 1) > 0)
    throw new ConfigError('--photos is in place of clips and --truth', [], {
      remedy: 'leave out one of the two',
    });
  if (flags.photos !== undefined) {
    const place = { photos: flags.photos, setting, screen };
    return await byPhotos(flags, place, { signal, stop, pipe });
  }
  if (clips.length === 0)
    throw new ConfigError('there is nothing to calibrate on', [], {
      remedy: 'name labelled clips: docs/calibrate.md shows how truth is written',
    });
  if (flags.truth !== undefined && clips.length > 1) throw refuseMany(clips.length);
  const plan = await planLabelled(clips, flags, setting, screen);
  if (plan === null) return EXIT_USAGE;
  const write = await planWriting(flags, plan);
  for (const { names } of plan.sources)
    for (const copy of names.slice(1))
      screen.print(`${toPrintable(copy)} is the same video as ${toPrintable(names[0]!)}, and used once`);
  const truths = await readTruths(plan, flags.truth);
  try {
    const isAlone = plan.sources.length === 1 && plan.refused.length === 0;
    const options = { plan, truths, isAlone, screen, isProgressWanted: flags.progress };
    const tagged = await tagClips(options, signal);
    if (signal.aborted) return stop.status ?? EXIT_PIPE;
    const labelled = tagged.map((clip) => toLabelled(clip, plan));
    checkEnough(labelled);
    const calibration = await choose(labelled, { flags, plan, screen }, signal);
    signal.throwIfAborted();
    const keys = toKeys(plan, calibration.smoothing);
    const look = toTableLook(process.stderr);
    screen.print(
      toCalibrationTable(labelled, calibration, { before: plan.smoothing, keys, names: namesOf(plan), look }),
    );
    await hand(keys, { json: flags.json ? toJson(calibration, keys) : null, write, screen, pipe });
    const isWhole = plan.refused.length === 0 && tagged.length === plan.sources.length;
    return toStatus(pipe, isWhole);
  } catch (error) {
    if (stop.status === null) throw error;
    return stop.status;
  }
}

interface Handing {
  /** What is printed in place of YAML. */
  readonly json: object | null;
  readonly write: Write | null;
  readonly screen: Screen;
  readonly pipe: StandardOutput;
}

/** Prints what was chosen, or writes it where it belongs; nothing when that is nothing. */
async function hand(keys: ChosenKeys, { json, write, screen, pipe }: Handing): Promise<void> {
  if (json !== null) await pipe.write(`${JSON.stringify(json)}\n`);
  if (isEmpty(keys)) return;
  const yaml = withSection('', { file: '', name: 'smoothing', keys: { ...keys } });
  if (write === null) {
    if (json === null) await pipe.write(yaml);
    return;
  }
  try {
    screen.print(`written: ${toPrintable(await write(keys))}`);
  } catch (error) {
    if (json === null) await pipe.write(yaml); // it took minutes to find
    throw error;
  }
}

function toStatus(pipe: StandardOutput, isWhole: boolean): number {
  if (pipe.closed.aborted) return pipe.failure === null ? EXIT_PIPE : 1;
  return isWhole ? 0 : 1;
}

/** Labels that are not among the chosen ones are scored at the same temperature. */
function isTemperatureFixed({ labels, model }: TagPlan): boolean {
  return labels.length < model.info.labels.length;
}

function toKeys(plan: TagPlan, chosen: Smoothing): ChosenKeys {
  return toChosenKeys(plan.smoothing, chosen, namesOf(plan));
}

function namesOf({ labels }: TagPlan): string[] {
  return labels.map(({ name }) => name);
}

/** By photos, as `calibrateModel`. */
async function byPhotos(
  flags: CalibrateFlags,
  {
    photos: file,
    setting,
    screen,
  }: { readonly photos: string; readonly setting: LabelledSetting; readonly screen: Screen },
  {
    signal,
    stop,
    pipe,
  }: { readonly signal: AbortSignal; readonly stop: StopSignals; readonly pipe: StandardOutput },
): Promise<number> {
  const { info } = await readModel(setting.modelDir);
  const listed = await readPhotoLabels(file, info.labels);
  checkEnoughPhotos(file, listed, flags.labels);
  const paths = listed.map(({ path }) => path);
  const plan = await planLabelled(paths, flags, setting, screen);
  if (plan === null) return EXIT_USAGE;
  const write = await planWriting(flags, plan);
  const photos = await scorePhotos(listed, { plan, screen, isProgressWanted: flags.progress }, signal);
  if (signal.aborted) return stop.status ?? EXIT_PIPE;
  checkEnoughPhotos(file, photos, flags.labels); // of those that could be read
  const names = namesOf(plan);
  const judged = flags.labels ?? [...new Set(photos.flatMap(({ labels }) => labels))];
  const calibration = calibratePhotos(photos, {
    smoothing: plan.smoothing,
    isTemperatureFixed: isTemperatureFixed(plan),
    names,
    judged,
  });
  await yieldTurn();
  if (signal.aborted) return stop.status ?? EXIT_PIPE;
  const keys = toKeys(plan, calibration.smoothing);
  screen.print(
    toPhotoLines(calibration, { before: plan.smoothing, keys, names, look: toTableLook(process.stderr) }),
  );
  const { smoothing: _, ...rest } = calibration;
  await hand(keys, { json: flags.json ? { ...rest, smoothing: keys } : null, write, screen, pipe });
  return toStatus(pipe, photos.length === listed.length);
}

async function choose(
  labelled: readonly LabelledClip[],
  {
    flags,
    plan,
    screen,
  }: { readonly flags: CalibrateFlags; readonly plan: TagPlan; readonly screen: Screen },
  signal: AbortSignal,
): Promise<Calibration> {
  const onProgress = (done: number): void => {
    if (flags.progress) screen.show([`trying settings: ${Math.round((WHOLE * done) / flags.budget)} %`]);
  };
  try {
    const { budget, latest } = flags;
    return await calibrate(
      labelled,
      {
        smoothing: plan.smoothing,
        isTemperatureFixed: isTemperatureFixed(plan),
        latestMs: 1000 * latest,
        budget,
        onProgress,
      },
      signal,
    );
  } finally {
    screen.hide();
  }
}

function toLabelled(
  { name, truth, found, scores }: TaggedClip,
  { labels, fps, config }: TagPlan,
): LabelledClip {
  const chosen = labels.map((label) => label.name);
  return {
    name,
    truth: {
      ...truth,
      labels: truth.labels?.filter((label) => chosen.includes(label)) ?? null,
      segments: truth.segments.filter(({ label }) => chosen.includes(label)),
    },
    durationMs: found.durationMs!, // it is completed
    scored: {
      labels: chosen,
      fps,
      keyframesOnly: config.sampling.keyframesOnly,
      frames: scores.timesMs.map((ptsMs, n) => ({
        ptsMs,
        damaged: scores.afterBlindness.has(n),
        scores: scores.raw[n]!,
      })),
      end: scores.end,
    },
  };
}

function toJson({ expected, smoothing: _, ...rest }: Calibration, keys: ChosenKeys): object {
  const ways = expected.map(({ choice, metrics, delay }) => ({ choice, segments: metrics, delay }));
  return { ...rest, expected: ways, smoothing: keys };
}
