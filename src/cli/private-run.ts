import { Batcher } from '../infer/batcher.js';
import { openTagger } from '../infer/tagger-host.js';
import { type JournalHandle, openJournal } from '../publish/journal.js';
import type { Rig } from '../tag-file.js';
import { toTaggerOptions } from '../tagger-options.js';
import { toMessage } from './messages.js';
import { Progress } from './progress.js';
import type { Screen } from './screen.js';
import { QUEUE_CAPACITY, toSlots } from './slots.js';
import { placePrivately, removeJournal } from './journal-place.js';
import type { TagPlan } from './tag.js';
import { toLook } from './terminal-look.js';

/** What is needed to tag files as `labelcast tag` does, and is gone afterwards. */
export interface PrivateRun {
  readonly rig: Rig & { readonly journal: JournalHandle };
  readonly progress: Progress;
}

/** What befell a private run, in words: its journal is gone, so it can only be run anew. */
export function toPrivateMessage(error: Error): string {
  return toMessage(error).replace(' to go on from there', '');
}

/**
 * Lets `use` tag the files of a plan, with a journal of their own that is removed. Throws ConfigError, InferError or
 * PublishError when there is no temporary folder, tagger or journal, and what `use` throws.
 */
export async function runPrivately<T>(
  plan: TagPlan,
  { screen, isProgressWanted }: { readonly screen: Screen; readonly isProgressWanted: boolean },
  use: (run: PrivateRun) => Promise<T>,
): Promise<T> {
  const place = placePrivately();
  try {
    await using journal = await openJournal({ path: place.file });
    if (isProgressWanted) screen.show(['getting the model ready']);
    await using tagger = await openTagger({
      model: plan.model,
      ...toTaggerOptions(plan.config, plan.log),
      isForFilesOnly: true,
      onRestart: (reason, message) => plan.log.warn({ reason }, `${message}; it is being restarted`),
    });
    const { maxSize: maxBatch, maxDelayMs } = plan.config.batching;
    const batcher = new Batcher({ tagger, maxBatch, maxDelayMs, capacity: QUEUE_CAPACITY });
    await using _closing = { [Symbol.asyncDispose]: () => batcher.close() };
    const rig = { ...plan, model: tagger.model, tagger, batcher, slots: toSlots(tagger), journal };
    const look = toLook(process.stderr, process.env);
    const files = plan.sources.length;
    using progress = new Progress({ screen, look, files, cameras: 0, isWanted: isProgressWanted });
    return await use({ rig, progress });
  } finally {
    removeJournal(place);
  }
}
