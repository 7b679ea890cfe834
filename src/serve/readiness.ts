import type { TaggerHost } from '../infer/tagger-host.js';
import type { SinkRelays } from '../publish/sink-relays.js';

/** What keeps a run from being ready, in words: a tagger or sinks that are not (null: not yet), sinks that take nothing. */
export function problemsOf(tagger: TaggerHost | null, sinks: SinkRelays | null): string[] {
  if (sinks === null) return ['the journal is being opened'];
  if (tagger === null) return ['the model is being warmed', ...sinks.problems];
  return [...(tagger.state === 'ready' ? [] : [`the tagger is ${tagger.state}`]), ...sinks.problems];
}
