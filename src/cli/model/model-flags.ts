import type { Device } from '../../infer/provider-plan.js';

/** What `labelcast model` can do. */
export const MODEL_ACTIONS = ['inspect', 'verify', 'bench'] as const;
export type ModelAction = (typeof MODEL_ACTIONS)[number];

/** The flags of `labelcast model`. */
export interface ModelFlags {
  readonly device: Device;
  readonly json?: boolean;
}
