import type { Config } from './config/config.js';
import type { TaggerHost, TaggerOptions } from './infer/tagger-host.js';
import type { Log } from './log.js';

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
      log.info({ provider }, isTaken ? `the GPU is used: ${why}` : `not used: ${why}`),
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
