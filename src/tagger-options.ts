import type { Config } from './config/config.js';
import type { TaggerHost, TaggerOptions } from './infer/tagger-host.js';
import type { Log } from './log.js';

/** The tagger that is being opened; null when `signal` aborted that. Throws what opening throws otherwise. */
export async function openedUnless(
  signal: AbortSignal,
  opening: Promise<TaggerHost>,
): Promise<TaggerHost | null> {
  try {
    return await opening;
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  }
}

/** What a configuration says of the tagger, and what the log says of its provider. `changed`: another provider goes on. */
export function toTaggerOptions(
  { model, batching }: Config,
  log: Log,
  changed: (tagger: TaggerHost) => void = () => {},
): Omit<TaggerOptions, 'model'> {
  const { device, devices, precision } = model;
  return {
    device,
    devices,
    precision,
    maxBatch: batching.maxSize,
    onRung: ({ provider, isTaken, why }) =>
      log.info({ provider }, `${provider} is ${isTaken ? '' : 'not '}used: ${why}`),
    onLost: (tagger, device, why) => {
      log.warn({ device }, `this device is lost: ${why}; ${tagger.provider.device} goes on`);
      changed(tagger);
    },
    onFallback: (tagger, why) => {
      const { effective } = tagger.provider;
      log.warn(
        { provider: effective },
        `the GPU is lost: ${why}; cameras go on on the ${effective}, files that were under way fail and run there when tagged again`,
      );
      changed(tagger);
    },
  };
}
