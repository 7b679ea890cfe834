// One run of one way, as the process that would be labelcast's; prints its figures as JSON.
import { openFileWay } from './file-way.js';
import { measureWay } from './measure.js';
import { openPipeWay } from './pipe-way.js';
import type { Way, WayOptions } from './way.js';
import { openWorkerWay } from './worker-way.js';

export type RunRequest = Omit<WayOptions, 'onFrame'> & {
  /** `pipe`, `workers: COUNT` or `file in memory`. */
  readonly way: string;
  readonly seconds: number;
};

const { way, seconds, ...options } = JSON.parse(process.argv[2]!) as RunRequest;
process.stdout.write(JSON.stringify(await measureWay((all) => open(way, all), options, seconds)));

function open(name: string, all: WayOptions): Promise<Way> {
  if (name === 'pipe') return openPipeWay(all);
  if (name === 'file in memory') return openFileWay(all);
  return openWorkerWay(Number(name.replace('workers: ', '')), all);
}
