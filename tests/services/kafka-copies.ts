/** The relay's: what a kill may repeat. */
export const BATCH_EVENTS = 256;

/** Where a journal and its relay stood when the process was killed: positions of events. */
export interface Standing {
  readonly committed: number;
  readonly delivered: number;
}

/**
 * Gives each copy, by its position in the journal, to the first kill that may have caused it, each position once a kill: the
 * batch behind its cursor. Returns the copies of each kill and how many no kill explains.
 */
export function attribute(
  kills: readonly Standing[],
  copied: readonly number[],
): { readonly copies: number[]; readonly unexplained: number } {
  let left = copied;
  const copies = kills.map(({ delivered }) => {
    const seen = new Set<number>();
    left = left.filter((position) => {
      const isIts = position > delivered && position <= delivered + BATCH_EVENTS;
      if (!isIts || seen.has(position)) return true;
      seen.add(position);
      return false;
    });
    return seen.size;
  });
  return { copies, unexplained: left.length };
}
