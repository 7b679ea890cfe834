import { toJudgedClip } from '../eval/judged-clip.js';
import { isSegmentsFile } from '../eval/read-found.js';
import { type ComparedClip, measure, measureLabels } from './eval/evaluation.js';
import { compareFound, findUnfinished, readFoundFiles, refuseUnnamed } from './eval/found-clips.js';
import { type LabelledSetting, planLabelled, readTruths, refuseMany } from './eval/labelled-videos.js';
import { toLabelsTable, toMetricsTable } from './eval/metrics-table.js';
import { type TaggedClip, tagClips } from './eval/tag-clips.js';
import { EXIT_PIPE, EXIT_USAGE, toMessage } from './messages.js';
import { Screen } from './screen.js';
import { StandardOutput } from './standard-output.js';
import { StopSignals } from './stop-signals.js';
import type { TagPlan } from './tag.js';
import { toTableLook } from './terminal-look.js';

/** The flags of `labelcast eval`. */
export interface EvalFlags {
  /** Of the one input; else truth lies beside each. */
  readonly truth?: string;
  readonly labels?: readonly string[];
  /** Each label by itself, too. */
  readonly byLabel?: boolean;
  readonly json?: boolean;
  readonly progress: boolean;
}

/**
 * `labelcast eval`: tags videos, or reads what `tag -o` wrote, and measures how that compares with the truth; resolves to the
 * exit status. Throws ConfigError when a truth cannot be used or is not of its clip, InferError or PublishError when nothing
 * can be tagged.
 */
export async function evaluate(
  inputs: readonly string[],
  flags: EvalFlags,
  setting: LabelledSetting,
): Promise<number> {
  using screen = new Screen(process.stderr);
  using stop = new StopSignals(() => screen.print('stopping'));
  using pipe = new StandardOutput();
  if (flags.truth !== undefined && inputs.length > 1) throw refuseMany(inputs.length);
  const videos = inputs.filter((input) => !isSegmentsFile(input));
  const files = await readFoundFiles(inputs.filter(isSegmentsFile), flags.truth);
  if (videos.length === 0) refuseUnnamed(flags.labels ?? [], files); // of videos the model says which there are
  const compared = files.map((file) => compareFound(file, flags.labels));
  const unfinished = files.flatMap((file) => findUnfinished(file) ?? []);
  for (const problem of unfinished) screen.print(`error: ${toMessage(problem)}`);
  let isWhole = unfinished.length === 0;
  if (videos.length > 0) {
    const plan = await planLabelled(videos, flags, setting, screen);
    if (plan === null) return EXIT_USAGE;
    const tagged = await tagVideos(plan, flags, { screen, stop, pipe, isAlone: inputs.length === 1 });
    if (stop.status !== null) return stop.status;
    compared.push(...tagged.map((clip) => compareTagged(clip, plan)));
    isWhole &&= plan.refused.length === 0 && tagged.length === plan.sources.length;
  }
  if (compared.length === 0) return 1;
  await pipe.write(flags.json ? toJson(compared, flags) : toTables(compared, flags));
  if (pipe.closed.aborted) return EXIT_PIPE;
  return isWhole ? 0 : 1;
}

interface Surroundings {
  readonly screen: Screen;
  readonly stop: StopSignals;
  readonly pipe: StandardOutput;
  /** There is one input. */
  readonly isAlone: boolean;
}

/** What could be tagged; nothing after a signal. */
async function tagVideos(
  plan: TagPlan,
  { truth, progress }: EvalFlags,
  { screen, stop, pipe, isAlone }: Surroundings,
): Promise<TaggedClip[]> {
  const options = {
    plan,
    truths: await readTruths(plan, truth),
    isAlone: isAlone && plan.sources.length === 1 && plan.refused.length === 0,
    screen,
    isProgressWanted: progress,
  };
  try {
    return await tagClips(options, AbortSignal.any([stop.signal, pipe.closed]));
  } catch (error) {
    if (stop.status === null) throw error;
    return [];
  }
}

function compareTagged({ name, truth, found, scores }: TaggedClip, plan: TagPlan): ComparedClip {
  const labels = plan.labels.map((label) => label.name);
  const clip = toJudgedClip(truth, { labels, durationMs: found.durationMs! }); // it is completed
  const { timesMs, raw, smoothed } = scores;
  return {
    name,
    truthFile: truth.file,
    clip,
    found: found.segments,
    isLengthKnown: true,
    scores: {
      raw: { clip, labels, timesMs, scores: raw },
      smoothed: { clip, labels, timesMs, scores: smoothed },
    },
  };
}

function toTables(compared: readonly ComparedClip[], { byLabel }: EvalFlags): string {
  const look = toTableLook();
  return [toMetricsTable(compared, look), ...(byLabel ? [toLabelsTable(compared, look)] : [])].join('\n');
}

function toJson(compared: readonly ComparedClip[], { byLabel }: EvalFlags): string {
  const clips = compared.map((one) => ({ input: one.name, truth: one.truthFile, ...measure([one]) }));
  const labels = byLabel ? { labels: measureLabels(compared) } : {};
  return `${JSON.stringify({ clips, all: measure(compared), ...labels })}\n`;
}
