import { PublishError } from '../errors.js';
import type { GroupOutcome } from './journal-database.js';
import { toPublishError } from './journal-host.js';
import type { StoredCommit } from './stored-commit.js';

const MAX_GROUP = 256;

interface Waiting {
  readonly commit: StoredCommit;
  readonly resolve: () => void;
  readonly reject: (error: PublishError) => void;
}

interface GroupCommitOptions {
  /** Of the journal, for messages. */
  readonly path: string;
  /** Stores some in order in one transaction. */
  readonly write: (commits: readonly StoredCommit[]) => Promise<GroupOutcome>;
  /** Told after every group the position of the newest event. */
  readonly written: (lastPosition: number) => void;
}

/** Writes one group of commits at a time: at once when none is under way, else with all that came meanwhile. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  /** Why a group was given up for want of room: a later one would leave a hole. */
  #givenUp: PublishError | null = null;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Resolves once it is on disk; rejects with PublishError. */
  add(commit: StoredCommit): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ commit, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    await Promise.resolve(); // what is committed in the same turn goes together
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0, MAX_GROUP));
    this.#flushing = null;
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const { path, write, written } = this.#options;
    try {
      if (this.#givenUp !== null) throw this.#givenUp;
      const { failures, lastPosition } = await write(group.map(({ commit }) => commit));
      for (const [n, { resolve, reject }] of group.entries()) {
        const failure = failures[n] ?? null;
        if (failure === null) resolve();
        else reject(toPublishError(failure));
      }
      written(lastPosition);
    } catch (error) {
      const failure =
        error instanceof PublishError
          ? error
          : new PublishError(`the journal ${path} failed`, { cause: error });
      if (failure.isOutOfRoom) this.#givenUp = failure;
      for (const { reject } of group) reject(failure);
    }
  }
}
