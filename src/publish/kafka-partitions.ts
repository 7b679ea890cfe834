import type { TopicFound, TopicWish } from '../kafka-client.js';

/** How many partitions a topic has, by its name. */
type Counts = ReadonlyMap<string, number>;

/** What is wrong though events can be delivered, and what to do. */
interface PartitionWarning {
  readonly message: string;
  readonly remedy: string;
}

/** Topics that have another number of partitions than the configuration states; null: it states none. */
export function checkStated(
  wishes: readonly TopicWish[],
  topics: ReadonlyMap<string, Pick<TopicFound, 'partitions'>>,
  stated: number | null,
): PartitionWarning[] {
  const found = wishes.map(({ name }) => [name, topics.get(name)?.partitions ?? stated] as const);
  const others = found.filter(([, partitions]) => partitions !== stated);
  if (stated === null || others.length === 0) return [];
  const have = others.map(([name, partitions]) => `${name} has ${partitions}`).join(', ');
  return [
    {
      message: `${have} where partitions is ${stated}: they are used as they are`,
      remedy: 'leave partitions out, or take another topicPrefix, whose topics are created so',
    },
  ];
}

/** Topics whose partitions were changed since `before`: the records of a key are in two of them now. */
export function checkUnchanged(before: Counts, now: Counts): PartitionWarning[] {
  const changed = [...now].filter(([name, count]) => (before.get(name) ?? count) !== count);
  return changed.map(([name, count]) => ({
    message: `${name} has ${count} partitions and had ${before.get(name)} when it was last delivered to: streams go on in other partitions, and their order holds only from here on`,
    remedy:
      'let readers take what was there before first; never add partitions to a topic in use, but take another topicPrefix',
  }));
}

/** A cursor tells the position delivered, and the partitions it was delivered to: `1234 labelcast.labels=6`. */
export function toCursor(position: number, counts: Counts): string {
  return [position, ...[...counts].map(([name, count]) => `${name}=${count}`)].join(' ');
}

/** The partitions that a cursor tells of; one of an earlier version tells of none. */
export function readCounts(cursor: string | null): Counts {
  const [, ...counts] = (cursor ?? '').split(' ');
  return new Map(counts.map((text) => text.split('=')).map(([name, count]) => [name!, Number(count)]));
}
