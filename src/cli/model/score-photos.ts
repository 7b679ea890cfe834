import type { ScoredPhoto } from '../../calibrate/calibrate-photos.js';
import type { LabelledPhoto } from '../../calibrate/photo-labels.js';
import { tagFile } from '../../tag-file.js';
import { toPrintable } from '../messages.js';
import { type PrivateRun, runPrivately, toPrivateMessage } from '../private-run.js';
import type { Screen } from '../screen.js';
import type { TagPlan } from '../tag.js';

interface ScoringOptions {
  /** Of the photos. */
  readonly plan: TagPlan;
  readonly screen: Screen;
  readonly isProgressWanted: boolean;
}

/**
 * The scores of photos, each as the one frame of a file; those that cannot be read are said and left out. Throws InferError or
 * PublishError when there is no tagger or journal.
 */
export function scorePhotos(
  photos: readonly LabelledPhoto[],
  options: ScoringOptions,
  signal: AbortSignal,
): Promise<ScoredPhoto[]> {
  const { plan, screen } = options;
  return runPrivately(plan, options, async ({ rig, progress }) => {
    const scoresOf = new Map<string, Float32Array>();
    const failed = new Set(plan.refused.map(({ name }) => name));
    for (const source of plan.sources) {
      if (signal.aborted) break;
      const shown = progress.begin(source.names[0]!, 'file');
      const { scores, error } = await score(source, rig, signal);
      progress.end(shown);
      if (error !== null) {
        screen.print(`error: ${toPrivateMessage(error)}`);
        for (const name of source.names) failed.add(name);
      } else if (scores !== null) for (const name of source.names) scoresOf.set(name, scores);
    }
    return photos.flatMap((photo) => {
      const scores = scoresOf.get(photo.path);
      if (scores !== undefined) return [{ ...photo, scores }];
      if (!failed.has(photo.path) && !signal.aborted)
        screen.print(`error: ${toPrintable(photo.path)} is left out: it gave no picture`);
      return [];
    });
  });
}

/** Of its first frame. */
async function score(source: TagPlan['sources'][number], rig: PrivateRun['rig'], signal: AbortSignal) {
  let scores: Float32Array | null = null;
  const watch = {
    observed: (observation: { readonly scores: Float32Array }) => {
      scores ??= observation.scores.slice();
    },
    blind: () => {},
    ended: () => {},
  };
  const { error } = await tagFile(source, rig, { opened: () => {}, advanced: () => {}, watch }, signal);
  return { scores: scores as Float32Array | null, error };
}
