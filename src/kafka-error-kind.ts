/** What was attempted, for the message of an error. */
export interface KafkaAttempt {
  /** As in "deliver to labelcast.labels". */
  readonly task: string;
  readonly brokers: readonly string[];
  readonly user: string | null;
  /** It shows a certificate of its own. */
  readonly hasCertificate: boolean;
  /** It has worked before, so what is refused now was changed on the other side and may be changed back. */
  readonly hasWorked: boolean;
  /** The named group that is joined; none: one that labelcast makes up. */
  readonly group?: string | undefined;
  /** The topics were seen, so a broker that lacks them has not heard of them yet. */
  readonly hasTopics: boolean;
}

/** What kafkajs and Node.js say of a failure, from the outside to the cause. */
export interface Clues {
  readonly names: readonly string[];
  readonly codes: readonly string[];
  readonly text: string;
  readonly broker: string | null;
}

/** A kind of failure, and what is said of it. */
export interface Kind {
  readonly isForPeople: boolean;
  /** Nothing at all can be done at the brokers, so the task is no news. */
  readonly isOfAnyTask?: true;
  readonly fits: (clues: Clues) => boolean;
  readonly say: (where: string, clues: Clues, attempt: KafkaAttempt) => string;
  readonly remedy: string;
}

/** Whether a code is of this form. */
export function hasAny(codes: readonly string[], pattern: RegExp): boolean {
  return codes.some((code) => pattern.test(code));
}
