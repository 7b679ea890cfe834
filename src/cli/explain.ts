import type { Config } from '../config/config.js';
import { ConfigError } from '../errors.js';
import { type Explanation, explainLabel } from '../explain/explanation.js';
import { toExplainHtml } from '../explain/html.js';
import { toExplainJson } from '../explain/json.js';
import { toSvg } from '../explain/picture/svg.js';
import { readHeader } from '../ingest/source-header.js';
import { createLog } from '../log.js';
import { writeDocument } from '../report/write-document.js';
import { toPictureFile } from './explain/picture-file.js';
import { traceClip } from './explain/trace-clip.js';
import { toTurnsTables } from './explain/turns-table.js';
import { toClockText } from './clock-text.js';
import { EXIT_PIPE, EXIT_USAGE, toPrintable } from './messages.js';
import { toPrivateMessage } from './private-run.js';
import { Screen } from './screen.js';
import { StandardOutput } from './standard-output.js';
import { StopSignals } from './stop-signals.js';
import { planTag, type TagPlan } from './tag.js';
import { isColourWanted, toTableLook } from './terminal-look.js';

/** The flags of `labelcast explain`. */
export interface ExplainFlags {
  readonly label: readonly string[];
  /** A .svg or .html file, or a folder. */
  readonly output?: string;
  readonly force?: boolean;
  /** Milliseconds of media, as `to`. */
  readonly from?: number;
  readonly to?: number;
  readonly json?: boolean;
  readonly progress: boolean;
}

interface ExplainSetting {
  readonly config: Config;
  readonly modelDir: string;
  readonly version: string;
}

/**
 * `labelcast explain`: tags a clip, draws what labels went through and prints it as a table; resolves to the exit status. Throws
 * ConfigError when a label or the output cannot be used or the source is no clip, InferError or PublishError.
 */
export async function explain(
  input: string,
  flags: ExplainFlags,
  { config, modelDir, version }: ExplainSetting,
): Promise<number> {
  using screen = new Screen(process.stderr);
  using stop = new StopSignals(() => screen.print('stopping'));
  using pipe = new StandardOutput();
  const say = screen.print;
  const colour = isColourWanted(process.stderr, process.env);
  const log = createLog({ level: 'warn', format: 'text', colour, print: say });
  checkSpan(flags.from ?? 0, flags.to ?? Number.POSITIVE_INFINITY);
  const setting = { labels: flags.label, labelsFlag: '--label', modelDir, version };
  const plan = await planTag([input], setting, config, { log, say });
  if (plan === null) return EXIT_USAGE;
  const clip = checkOneClip(plan, input);
  try {
    if (flags.from !== undefined) await checkStart(flags.from, plan, stop.signal);
  } catch (error) {
    if (stop.status === null) throw error;
    return stop.status;
  }
  const names = plan.labels.map(({ name }) => name);
  const isForced = flags.force === true;
  const file = toPictureFile({ output: flags.output, clip, labels: names, isForced });
  const signal = AbortSignal.any([stop.signal, pipe.closed]);
  const traced = await traceClip(plan, { screen, isProgressWanted: flags.progress }, signal);
  if (stop.status !== null) return stop.status;
  if (pipe.closed.aborted) return EXIT_PIPE;
  const { error, labels } = traced;
  if (error !== null) say(`error: ${toPrivateMessage(error)}`);
  if (error !== null && labels.every(({ points }) => points.length === 0)) return 1;
  const endMs = labels[0]?.endMs ?? 0;
  if (error !== null && (flags.from ?? 0) >= endMs) {
    say(`nothing is drawn: what could be read ends at ${toClockText(endMs)}, before --from`);
    return 1;
  }
  if (flags.from !== undefined) checkSpan(flags.from, endMs);
  const shown = { fromMs: flags.from, toMs: flags.to };
  const { name: model, version: modelVersion } = plan.model.info;
  const explanation: Explanation = {
    clip,
    model: `${model} ${modelVersion}`,
    fps: plan.fps,
    times: plan.smoothing,
    labels: labels.map((trace) => explainLabel(trace, plan.smoothing, shown)),
  };
  const text = file.kind === '.svg' ? toSvg(explanation) : toExplainHtml(explanation);
  await pipe.write(flags.json ? toExplainJson(explanation) : toTurnsTables(explanation, toTableLook()));
  await writeDocument(file.path, text, 'name another place with -o, or mend this one');
  say(`written: ${toPrintable(file.path)}`);
  if (pipe.closed.aborted) return EXIT_PIPE;
  return error === null ? 0 : 1;
}

/** Before anything is tagged, when the clip says how long it is. */
async function checkStart(fromMs: number, { sources, build }: TagPlan, signal: AbortSignal): Promise<void> {
  const { durationMs } = await readHeader(sources[0]!, build, signal); // there is one
  checkSpan(fromMs, durationMs ?? Number.POSITIVE_INFINITY);
}

function checkSpan(fromMs: number, toMs: number): void {
  if (fromMs < toMs) return;
  const end = `${toClockText(toMs)} is the end of what is shown`;
  throw new ConfigError(
    `nothing lies between --from and --to: ${end}, and ${toClockText(fromMs)} its start`,
    [],
    {
      remedy: 'name times within the clip, --from before --to',
    },
  );
}

/** The name of the one file of a plan. */
function checkOneClip({ live, sources }: TagPlan, input: string): string {
  if (live.length > 0)
    throw new ConfigError(`${live[0]!.name} is live, and what is still to come cannot be drawn`, [], {
      remedy: 'record it, and explain the recording',
    });
  const [source] = sources;
  if (source !== undefined && sources.length === 1) return source.names[0]!;
  throw new ConfigError(`${input} is ${sources.length} clips, and one is explained at a time`, [], {
    remedy: 'name one of them',
  });
}
