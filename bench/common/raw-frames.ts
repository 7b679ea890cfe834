import { toFilterGraph } from '../../src/ingest/filter-graph.js';
import type { ModelInput } from '../../src/types.js';

/** Arguments of ffmpeg that make the very pixels that are scored, without the report of their times, and keep none. */
export function toRawFrames(input: ModelInput, fps: number): string[] {
  const graph = toFilterGraph(input, { fps }, false).replace(',showinfo=checksum=0', '');
  const output = ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-y', '/dev/null'];
  return ['-an', '-vf', graph, ...output];
}
