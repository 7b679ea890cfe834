/** Numbers that the same seed gives again. */
export interface Random {
  /** At least `low`, below `high`. */
  between(low: number, high: number): number;
  /** As `between`, each ratio as likely as another. */
  logBetween(low: number, high: number): number;
  /** A whole number, at least `low`, at most `high`. */
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** All of them, in another order. */
  shuffle<T>(values: readonly T[]): T[];
}

/** mulberry32, begun anew for each of `words`, so that what is drawn for one clip does not depend on another. */
export function createRandom(...words: readonly (number | string)[]): Random {
  let state = hash(words.join(' '));
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    between: (low, high) => low + next() * (high - low),
    logBetween: (low, high) => low * (high / low) ** next(),
    whole,
    chance: (share) => next() < share,
    pick: (choices) => choices[whole(0, choices.length - 1)]!,
    shuffle: (values) => {
      const order = [...values];
      for (let n = order.length - 1; n > 0; n--) {
        const other = whole(0, n);
        [order[n], order[other]] = [order[other]!, order[n]!];
      }
      return order;
    },
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.codePointAt(0)!, 0x01000193);
  return value;
}
