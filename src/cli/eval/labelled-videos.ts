import type { Config } from '../../config/config.js';
import { ConfigError } from '../../errors.js';
import { fitLabels } from '../../eval/fit-truth.js';
import type { ReadTruth } from '../../eval/read-truth.js';
import { createLog } from '../../log.js';
import type { Screen } from '../screen.js';
import { planTag, type TagPlan } from '../tag.js';
import { isColourWanted } from '../terminal-look.js';
import { readTruthOf } from './clip-truth.js';

/** What the command line says of tagging labelled videos. */
export interface LabelledSetting {
  readonly config: Config;
  readonly modelDir: string;
  readonly version: string;
}

/** What is known before labelled videos are tagged; null, which is said, when none can be used. Throws as `planTag`. */
export function planLabelled(
  videos: readonly string[],
  { labels }: { readonly labels?: readonly string[] },
  { config, modelDir, version }: LabelledSetting,
  screen: Screen,
): Promise<TagPlan | null> {
  const say = screen.print;
  const colour = isColourWanted(process.stderr, process.env);
  const log = createLog({ level: 'warn', format: 'text', colour, print: say });
  return planTag(videos, { ...(labels === undefined ? {} : { labels }), modelDir, version }, config, {
    log,
    say,
  });
}

/**
 * The truth of each source of a plan, in its order: the file named, or what lies beside each. Throws ConfigError when one cannot
 * be used, names labels that the model lacks, or is of a live source.
 */
export async function readTruths(plan: TagPlan, named: string | undefined): Promise<ReadTruth[]> {
  if (plan.live.length > 0)
    throw new ConfigError(
      `${plan.live[0]!.name} is live, and there is no truth of what is still to come`,
      [],
      {
        remedy: 'record it, and judge the recording',
      },
    );
  if (named !== undefined && plan.sources.length > 1) throw refuseMany(plan.sources.length);
  const { name: modelName, labels } = plan.model.info;
  const truths: ReadTruth[] = [];
  for (const { names } of plan.sources) {
    const truth = await readTruthOf(names[0]!, named);
    fitLabels(truth, { modelName, labels });
    truths.push(truth);
  }
  return truths;
}

/** The error of one truth for several clips. */
export function refuseMany(count: number): ConfigError {
  return new ConfigError(`--truth is of one clip, and these are ${count}`, [], {
    remedy: 'leave it out, and lay NAME.truth.json, .csv or .vtt beside each',
  });
}
