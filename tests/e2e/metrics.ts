import { answerOf } from '../answer.js';

/** The metrics of a running labelcast: the sum of all series of a name whose labels hold a text. */
export async function readMetrics(
  address: string,
  token?: string,
): Promise<(name: string, labels?: string) => number> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const text = await (await answerOf(`${address}/metrics`, { headers })).text();
  const samples = text.split('\n').filter((line) => !line.startsWith('#'));
  return (name, labels = '') =>
    samples
      .filter((line) => line.startsWith(`labelcast_${name}`) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
