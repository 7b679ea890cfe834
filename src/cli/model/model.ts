import { bench } from './bench.js';
import { inspect } from './inspect.js';
import type { ModelAction, ModelFlags } from './model-flags.js';
import { verify } from './verify.js';

/**
 * Does what is asked with a model package and resolves to the exit status. Throws ConfigError or InferError when the package
 * cannot be used at all, which `verify` tells as a finding, with the same exit status.
 */
export function model(
  action: ModelAction,
  dir: string,
  flags: ModelFlags,
  out: NodeJS.WriteStream,
): Promise<number> {
  if (action === 'verify') return verify(dir, flags, out);
  return action === 'inspect' ? inspect(dir, flags, out) : bench(dir, flags, out);
}
