/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

/** What `labelcast serve` tells of itself now; throws when it does not answer within two seconds. */
export async function scrape(address: string): Promise<Sample[]> {
  const answer = await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(2000) });
  const text = await answer.text();
  return [...text.matchAll(/^([a-z_]+)(\{[^}]*\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels,
    value: Number(value),
  }));
}

/** Of all series of `labelcast_<name>` whose labels hold `label`. */
export function sum(samples: readonly Sample[], name: string, label = ''): number {
  return samples
    .filter((sample) => sample.name === `labelcast_${name}` && sample.labels.includes(label))
    .reduce((total, { value }) => total + value, 0);
}
