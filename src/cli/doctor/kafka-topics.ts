import type { TopicFound, TopicReview, TopicWish } from '../../kafka-client.js';
import { checkCleanups } from '../../publish/kafka-cleanup.js';
import { checkStated } from '../../publish/kafka-partitions.js';
import { type Finding, fail, ok, toFailure, warn } from './finding.js';

const GRANT = 'grant what docs/kafka.md lists under Rights';

interface Circumstances {
  readonly wishes: readonly TopicWish[];
  /** For the command that mends a topic. */
  readonly broker: string;
  /** Partitions that the configuration states; null: none. */
  readonly partitions: number | null;
  /** Who asked, for people. */
  readonly user: string;
  /** Topics that are read too. */
  readonly read: readonly string[];
}

/** What the brokers said of the topics of a sink, in words. */
export function judgeTopics(review: TopicReview, around: Circumstances): Finding[] {
  const { wishes, partitions } = around;
  const others = checkStated(wishes, review.there, partitions);
  return [
    ...judgeMissing(review, around),
    ...others.map(({ message, remedy }) => warn('sink', message, remedy)),
    ...judgeCleanups(review, around),
    ...judgeRights(review, around),
  ];
}

function judgeMissing({ there, missing, refusal }: TopicReview, { wishes }: Circumstances): Finding[] {
  const partitions = thereOf(wishes, there).map(([name, { partitions }]) => `${name} (${partitions})`);
  const found =
    partitions.length === 0 ? [] : [ok('sink', `topics with partitions: ${partitions.join(', ')}`)];
  if (missing.length === 0) return found;
  if (refusal !== null) return [...found, toFailure('sink', refusal)];
  const text = `${missing.join(', ')}: not there yet, may be created; whether they may be written shows then`;
  return [...found, ok('sink', text)];
}

function judgeCleanups({ there }: TopicReview, { wishes, broker }: Circumstances): Finding[] {
  const unseen = thereOf(wishes, there)
    .filter(([, { cleanup }]) => cleanup === null)
    .map(([name]) => name);
  const hidden =
    unseen.length === 0
      ? []
      : [
          warn(
            'sink',
            `cleanup.policy of ${unseen.join(', ')} may not be seen`,
            'grant DESCRIBE_CONFIGS on them',
          ),
        ];
  try {
    const wrong = checkCleanups(wishes, { topics: there, broker });
    return [...hidden, ...wrong.map(({ message, remedy }) => warn('sink', message, remedy))];
  } catch (error) {
    return [...hidden, toFailure('sink', error)];
  }
}

function judgeRights({ there, rights }: TopicReview, { wishes, user, read }: Circumstances): Finding[] {
  const known = thereOf(wishes, there)
    .map(([name]) => name)
    .filter((name) => rights.has(name));
  const lacks = known.flatMap((name) => {
    const needed = read.includes(name) ? (['WRITE', 'READ'] as const) : (['WRITE'] as const);
    const missing = needed.filter((right) => !rights.get(name)!.has(right));
    return missing.length === 0 ? [] : [`${missing.join(' and ')} on ${name}`];
  });
  if (lacks.length > 0) return [fail('sink', `${user} lacks ${lacks.join(', ')}`, GRANT)];
  if (known.length === 0) return [];
  return [ok('sink', `${user} may write ${known.join(', ')}`)];
}

/** In the order of the wishes: brokers have one of their own each time. */
function thereOf(
  wishes: readonly TopicWish[],
  there: TopicReview['there'],
): (readonly [string, TopicFound])[] {
  return wishes.flatMap(({ name }) => {
    const found = there.get(name);
    return found === undefined ? [] : [[name, found] as const];
  });
}
