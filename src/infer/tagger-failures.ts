import type { OpenFailure } from './tagger-messages.js';

/** Why a tagger process ended that nobody asked to end. */
export type DeathReason = 'exit' | 'signal' | 'watchdog';

/** The tagger process died; the batch it had may be run again. */
export class TaggerDeath extends Error {
  readonly reason: DeathReason;

  constructor(reason: DeathReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The tagger process could not open the model as asked; starting it again would not help. */
export class OpenRefusal extends Error {
  readonly about: OpenFailure['about'];
  readonly remedy: string | undefined;

  constructor(failure: OpenFailure) {
    super(failure.message);
    this.about = failure.about;
    this.remedy = failure.remedy;
  }
}

/** The runtime would not run a batch; the process lives on. */
export class BatchRefusal extends Error {
  readonly outOfMemory: boolean;

  constructor(message: string, outOfMemory: boolean) {
    super(message);
    this.outOfMemory = outOfMemory;
  }
}
