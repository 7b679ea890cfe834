import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import type { Config } from '../../src/config/config.js';
import { resolveSmoothing } from '../../src/config/smoothing.js';
import type { Model } from '../../src/infer/model.js';
import { openLiveRecord, type RecordRig } from '../../src/live-record-opening.js';
import { openJournal } from '../../src/publish/journal.js';
import { SinkRelays, type SinkStanding } from '../../src/publish/sink-relays.js';
import type { Trace } from '../truth/trace.js';
import { countEventsPerSecond, RecordedCamera, toLapMs } from './recorded-camera.js';
import { ReplayClock } from './replay-clock.js';

/** A load without video. */
export interface ReplayPlan {
  /** As for `labelcast serve`; streams and model in it are not looked at. */
  readonly config: Config;
  /** The one that scored the trace. */
  readonly model: Model;
  readonly trace: Trace;
  readonly cameras: number;
  /** Label events a second, of all cameras together; the recorded time is made faster or slower for it. */
  readonly rate: number;
  /** When the cameras began, milliseconds since 1970: the same each time that a journal is gone on with. */
  readonly originMs: number;
  /** Commits are dated back by so much. */
  readonly datedBackMs: number;
}

/** Positions in the journal, and why the sinks take nothing at the moment. */
export interface ReplayStanding {
  readonly committed: number;
  /** By the sink that is behind most. */
  readonly delivered: number;
  readonly problems: readonly string[];
}

const TELL_EVERY_MS = 50;
const DELIVER_MS = 60_000;

/**
 * Does what `labelcast serve` does from the scores on, until the signal aborts: epochs, smoothing, journal and relays are the
 * service's own, and it goes on from a journal's checkpoints as the service does. Tells where it stands again and again.
 * Resolves to why some sinks have not got everything. Throws PublishError when the journal takes no more.
 */
export async function replay(
  plan: ReplayPlan,
  tell: (standing: ReplayStanding) => void,
  signal: AbortSignal,
): Promise<unknown[]> {
  const { config, model, trace, cameras, originMs, datedBackMs } = plan;
  const path = resolve(config.journal.path ?? 'labelcast.db');
  await using journal = await openJournal({ path, now: () => Date.now() - datedBackMs });
  const ids = Array.from({ length: cameras }, (_, n) => `cam-${String(n + 1).padStart(3, '0')}`);
  const standings: SinkStanding[] = [];
  await using relays = openRelays(journal, ids, standings);
  for (const sink of config.sinks) await relays.add(sink);
  const labels = trace.labels.map((name, index) => ({ name, index }));
  const smoothing = resolveSmoothing(model.manifest, config.smoothing, trace.labels);
  const fps = trace.fps ?? model.manifest.fps;
  const rig: RecordRig = { config, model, labels, smoothing, fps, journal };
  const clock = new ReplayClock(originMs, plan.rate / (cameras * countEventsPerSecond(trace, smoothing)));
  setMaxListeners(0, signal); // each camera waits by it
  const telling = setInterval(() => {
    const committed = journal.lastPosition;
    const pending = Math.max(0, ...standings.map((one) => one.pending()));
    tell({ committed, delivered: committed - pending, problems: relays.problems });
  }, TELL_EVERY_MS);
  try {
    const lapMs = toLapMs(trace);
    const watching = ids.map((id, n) => {
      const camera = new RecordedCamera(trace, originMs - Math.round((n * lapMs) / cameras));
      return watch({ id, camera }, { rig, clock }, signal);
    });
    await Promise.all(watching);
    return await relays.flush(AbortSignal.timeout(DELIVER_MS));
  } finally {
    clearInterval(telling);
  }
}

function openRelays(
  journal: ConstructorParameters<typeof SinkRelays>[0]['journal'],
  liveIds: readonly string[],
  standings: SinkStanding[],
): SinkRelays {
  const say = (sink: string, text: string): void => void process.stderr.write(`${sink}: ${text}\n`);
  return new SinkRelays({
    journal,
    liveIds,
    anew: 'name another file',
    isPatient: true,
    onTrouble: (sink, { message }) => say(sink, message),
    onRecovered: (sink, pending) => say(sink, `delivering again; ${pending} events are still to come`),
    onStopped: (sink, { message }) => say(sink, `stopped: ${message}`),
    onWarning: say,
    observe: (sink, standing) => {
      standings.push(standing);
      return sink;
    },
  });
}

/** Records what a camera shows from now on; its segments stay open at the end, for the next time. */
async function watch(
  { id, camera }: { readonly id: string; readonly camera: RecordedCamera },
  { rig, clock }: { readonly rig: RecordRig; readonly clock: ReplayClock },
  signal: AbortSignal,
): Promise<void> {
  const url = `rtsp://replay/${id}`;
  const stream = {
    streamId: id,
    url,
    name: url,
    sourceUri: url,
    tags: {},
    fps: undefined,
    giveUpAfterMs: null,
  };
  const options = { listener: {}, now: clock.now, isTaggerLost: () => false };
  const { identity, record, lastMs } = await openLiveRecord(stream, rig, options);
  const originMs = identity.startTimeMs!; // of every live stream
  record.connection('online');
  for (const { atMs, scores, hash } of camera.framesAfter(Math.max(clock.now(), originMs + (lastMs ?? 0)))) {
    await clock.until(atMs, signal);
    if (signal.aborted) break;
    await record.observe({ ptsMs: atMs - originMs, damaged: false, scores, hash });
  }
  await record.finish('pause');
}
