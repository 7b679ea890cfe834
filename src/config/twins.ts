/** Places of items whose key an earlier one has, each with the place of that one. */
export function findTwins<T>(items: readonly T[], toKey: (item: T) => string): [number, number][] {
  const keys = items.map(toKey);
  return keys.map((key, n): [number, number] => [n, keys.indexOf(key)]).filter(([n, first]) => first < n);
}
