import { type LabelTrace, TraceWatch } from '../../explain/label-trace.js';
import { tagFile } from '../../tag-file.js';
import { type PrivateRun, runPrivately } from '../private-run.js';
import type { Screen } from '../screen.js';
import type { TagPlan } from '../tag.js';

/** What the labels of a plan went through in its one clip. */
export interface TracedClip {
  readonly name: string;
  readonly labels: readonly LabelTrace[];
  /** Why only a part of it could be read, or nothing; null: all was. */
  readonly error: Error | null;
  readonly isInterrupted: boolean;
}

/** Tags the one clip of a plan as `labelcast tag` does. Throws InferError or PublishError when nothing can be tagged. */
export function traceClip(
  plan: TagPlan,
  { screen, isProgressWanted }: { readonly screen: Screen; readonly isProgressWanted: boolean },
  signal: AbortSignal,
): Promise<TracedClip> {
  return runPrivately(plan, { screen, isProgressWanted }, (run) => trace(plan, run, signal));
}

async function trace(plan: TagPlan, { rig, progress }: PrivateRun, signal: AbortSignal): Promise<TracedClip> {
  const source = plan.sources[0]!; // there is one
  const name = source.names[0]!;
  const shown = progress.begin(name, 'file');
  const watch = new TraceWatch({ labelCount: plan.labels.length, fps: plan.fps });
  const outcome = await tagFile(
    source,
    rig,
    {
      opened: () => {},
      begun: (view) => shown.begun(view),
      advanced: (_, ptsMs) => shown.advanced(ptsMs),
      watch,
    },
    signal,
  );
  progress.end(shown);
  const { epoch, error, status } = outcome;
  const segments = epoch === null ? [] : await rig.journal.segments(epoch);
  const labels = plan.labels.map(({ name: label }, n) => ({
    label,
    thresholds: plan.smoothing.thresholds[n]!, // one per label
    points: watch.points[n]!, // one per label
    blind: watch.blindTimes,
    segments: segments.filter((segment) => segment.label === label),
    startMs: 0,
    endMs: watch.endMs,
    end: watch.end,
  }));
  return { name, labels, error, isInterrupted: status === 'interrupted' };
}
