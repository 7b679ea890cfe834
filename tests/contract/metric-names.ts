import type { StreamCause } from '../../src/errors.js';
import type { ClosedBy } from '../../src/infer/batch-policy.js';
import type { DropReason } from '../../src/infer/stream-queue.js';
import type { DeathReason } from '../../src/infer/tagger-failures.js';
import type { ConnectionState, Decoder, SinkState } from '../../src/types.js';

/** Every metric of the service and the labels of its series: what rules, boards and docs may name. */
export const METRICS: Readonly<Record<string, readonly string[]>> = {
  labelcast_frames_received_total: ['stream'],
  labelcast_frames_inferred_total: ['stream'],
  labelcast_frames_dropped_total: ['stream', 'reason'],
  labelcast_frames_skipped_total: ['stream', 'reason'],
  labelcast_frames_failed_total: ['stream', 'reason'],
  labelcast_frames_in_flight: [],
  labelcast_decode_errors_total: ['stream'],
  ...toSeries('labelcast_batch_size'),
  ...toSeries('labelcast_queue_wait_seconds'),
  ...toSeries('labelcast_inference_seconds'),
  ...toSeries('labelcast_frame_age_seconds'),
  ...toSeries('labelcast_event_delivery_seconds', 'sink'),
  labelcast_batches_total: ['closed_by'],
  labelcast_events_total: ['type'],
  labelcast_events_delivered_total: ['sink'],
  labelcast_delivery_failures_total: ['sink', 'reason'],
  labelcast_journal_pending_events: ['sink'],
  labelcast_sink_state: ['sink', 'state'],
  labelcast_journal_bytes: [],
  labelcast_journal_max_bytes: [],
  labelcast_journal_free_bytes: [],
  labelcast_journal_blocked: [],
  labelcast_journal_removed_total: ['kind', 'reason'],
  labelcast_stream_state: ['stream', 'state'],
  labelcast_decoder_info: ['stream', 'decoder'],
  labelcast_stream_restarts_total: ['stream', 'reason'],
  labelcast_stream_last_frame_timestamp_seconds: ['stream'],
  labelcast_open_segments: ['stream'],
  labelcast_model_info: ['name', 'version', 'sha256'],
  labelcast_execution_provider_info: ['requested', 'effective', 'device'],
  labelcast_inference_restarts_total: ['reason'],
  labelcast_jobs: ['state'],
  labelcast_build_info: ['version', 'node'],
};

/** What the labels hold whose values the code chooses, by metric. */
export const VALUES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  labelcast_frames_dropped_total: { reason: ['overflow', 'closed'] satisfies DropReason[] },
  labelcast_frames_skipped_total: { reason: ['static'] },
  labelcast_frames_failed_total: { reason: ['poison'] },
  labelcast_batches_total: { closed_by: ['size', 'delay', 'end'] satisfies ClosedBy[] },
  labelcast_journal_removed_total: { kind: ['events', 'segments', 'scores'], reason: ['age', 'room'] },
  labelcast_delivery_failures_total: { reason: ['retried', 'refused'] },
  labelcast_sink_state: { state: ['delivering', 'retrying', 'stopped'] satisfies SinkState[] },
  labelcast_stream_state: {
    state: ['connecting', 'online', 'gap', 'offline', 'failed'] satisfies (
      | ConnectionState
      | 'gap'
      | 'failed'
    )[],
  },
  labelcast_decoder_info: { decoder: ['software', 'cuda', 'vaapi', 'qsv'] satisfies Decoder[] },
  labelcast_stream_restarts_total: {
    reason: [
      'auth',
      'not-found',
      'refused',
      'timeout',
      'stalled',
      'decode',
      'unsupported',
      'ended',
    ] satisfies StreamCause[],
  },
  labelcast_inference_restarts_total: { reason: ['exit', 'signal', 'watchdog'] satisfies DeathReason[] },
};

/** Labels that Prometheus adds to every series of a target. */
const OF_THE_TARGET = ['job', 'instance'];

/** What an expression gets wrong: metrics that do not exist, labels that they do not have, values that those never hold. */
export function strangersIn(expression: string): string[] {
  const used = [...expression.matchAll(/\b(labelcast_\w+)(?:\{([^}]*)\})?/g)];
  const known = new Set([...OF_THE_TARGET, ...used.flatMap(([, name]) => METRICS[name!] ?? [])]);
  const grouped = [...expression.matchAll(/\b(?:by|on|without|ignoring) \(([^)]*)\)/g)].flatMap(([, list]) =>
    list!.split(', '),
  );
  return [
    ...used.flatMap(([, name, matchers]) =>
      METRICS[name!] ? strangeMatchers(name!, matchers ?? '') : [name!],
    ),
    ...grouped.filter((label) => !known.has(label)).map((label) => `(${label})`),
  ];
}

function strangeMatchers(name: string, matchers: string): string[] {
  return [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"/g)].flatMap(
    ([, label = '', wanted = '']) => {
      if (![...METRICS[name]!, ...OF_THE_TARGET].includes(label)) return [`${name}{${label}}`];
      const values = VALUES[name]?.[label];
      const strange = wanted
        .split('|')
        .filter(
          (one) => values !== undefined && !values.some((value) => new RegExp(`^(?:${one})$`).test(value)),
        );
      return strange.map((value) => `${name}{${label}="${value}"}`);
    },
  );
}

function toSeries(histogram: string, ...labels: readonly string[]): Record<string, readonly string[]> {
  return {
    [histogram]: labels,
    [`${histogram}_bucket`]: [...labels, 'le'],
    [`${histogram}_sum`]: labels,
    [`${histogram}_count`]: labels,
  };
}
