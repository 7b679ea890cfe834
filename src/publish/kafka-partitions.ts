import type { TopicFound, TopicOffsets, TopicWish } from '../kafka-client.js';

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

/**
 * A cursor tells the position delivered, the partitions it was delivered to, and, where that is kept, the offset behind it in
 * each: `1234 labelcast.labels=3 labelcast.labels@17,0,5`.
 */
export function toCursor(position: number, counts: Counts, places: TopicOffsets = new Map()): string {
  const offsets = [...places].map(([name, of]) => {
    const all = Array.from({ length: counts.get(name) ?? 0 }, (_, partition) => of.get(partition) ?? '');
    return `${name}@${all.join(',')}`;
  });
  return [position, ...[...counts].map(([name, count]) => `${name}=${count}`), ...offsets].join(' ');
}

/** The partitions that a cursor tells of; one of an earlier version tells of none. */
export function readCounts(cursor: string | null): Counts {
  const counts = readFields(cursor, '=');
  return new Map(counts.map(([name, count]) => [name, Number(count)]));
}

/** The offsets that a cursor tells of, by topic and partition; most tell of none. */
export function readPlaces(cursor: string | null): TopicOffsets {
  const places = readFields(cursor, '@').map(([name, text]) => {
    const known = text
      .split(',')
      .flatMap((offset, n) => (offset === '' ? [] : [[n, Number(offset)] as const]));
    return [name, new Map(known)] as const;
  });
  return new Map(places);
}

function readFields(cursor: string | null, mark: '=' | '@'): [string, string][] {
  const [, ...fields] = (cursor ?? '').split(' ');
  return fields.flatMap((field) => {
    const [name, value] = field.split(mark);
    return value === undefined ? [] : [[name!, value] as [string, string]];
  });
}
