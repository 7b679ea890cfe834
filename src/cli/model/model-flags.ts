import type { Precision } from '../../infer/model.js';
import type { Device } from '../../infer/provider-plan.js';

/** What `labelcast model` can do with a package. */
export type ModelAction = 'inspect' | 'verify' | 'bench';

/** The flags of `labelcast model`. */
export interface ModelFlags {
  readonly device: Device;
  readonly precision?: Precision;
  readonly json?: boolean;
}
