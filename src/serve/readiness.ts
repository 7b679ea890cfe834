import type { TaggerHost } from '../infer/tagger-host.js';
import type { SinkRelays } from '../publish/sink-relays.js';

/** The parts of a run, of which those that are not there yet are null. */
export interface RunState {
  tagger: TaggerHost | null;
  sinks: SinkRelays | null;
  /** Why the journal takes nothing now. */
  blocked: string | null;
}

/** What keeps a run from being ready, in words. */
export function problemsOf({ tagger, sinks, blocked }: RunState): string[] {
  const journal = blocked === null ? [] : [blocked];
  if (sinks === null) return ['the journal is being opened', ...journal];
  if (tagger === null) return ['the model is being warmed', ...journal, ...sinks.problems];
  return [
    ...(tagger.state === 'ready' ? [] : [`the tagger is ${tagger.state}`]),
    ...journal,
    ...sinks.problems,
  ];
}
