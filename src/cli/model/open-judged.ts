import { openTagger, type TaggerHost, type TaggerOptions } from '../../infer/tagger-host.js';

/**
 * Starts the tagger of a model that is to be judged: one session, warm for these batch sizes, the last of which is that of files.
 * It is closed when `signal` aborts, and what it is scoring then rejects. Throws what `openTagger` throws, and
 * the signal's reason.
 */
export async function openJudged(
  {
    batchSizes,
    ...options
  }: Pick<TaggerOptions, 'model' | 'device' | 'precision'> & { readonly batchSizes: readonly number[] },
  signal: AbortSignal,
): Promise<TaggerHost> {
  const plan = { sessions: 1, batchSizes, fileBatch: batchSizes.at(-1)! };
  const tagger = await openTagger({ ...options, isLenient: true, plan, signal });
  if (signal.aborted) await tagger[Symbol.asyncDispose](); // it came while another one was tried
  signal.throwIfAborted();
  signal.addEventListener('abort', () => void tagger[Symbol.asyncDispose](), { once: true });
  return tagger;
}
