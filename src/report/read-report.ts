import { ConfigError } from '../errors.js';
import { modelOf, smoothingOf, type SmoothingInForce } from '../model-state.js';
import type { JournalHandle } from '../publish/journal.js';
import type { SourcedSegment } from '../publish/segment-row.js';
import type { EpochState, SourceEnd } from '../types.js';
import { mergeSpans, toLiveGaps, toUsualStep } from './blindness.js';
import { explainPlaces, findNearPlaces, type RecordedFile, toNearLabels } from './explained-labels.js';
import { toFailureWords } from './failure-words.js';
import type { ReportData, ReportSmoothing, ReportSource, Span } from './report-data.js';
import { toReportLabels } from './report-labels.js';
import { toName } from './source-name.js';
import { type Curves, readFrames, toCurves } from './score-curves.js';
import { readHistories, type Standing, type StreamHistory } from './stream-history.js';

/** As much of a journal as a report needs. */
export type ReportJournal = Pick<
  JournalHandle,
  'read' | 'newestEpochs' | 'openEpoch' | 'segments' | 'scores'
>;

/** What is wanted in a report; undefined: all. */
export interface ReportFilter {
  readonly streams?: readonly string[] | undefined;
  readonly labels?: readonly string[] | undefined;
}

/** A report without pictures, and its segments as the journal holds them, in the same order. */
export interface Report {
  readonly data: ReportData;
  readonly segments: readonly SourcedSegment[];
}

/** Curves of longer streams are left out: they would take gigabytes of memory. */
const MOST_CURVES_MS = 48 * 3_600_000;

/**
 * The newest epoch of each wanted stream of a journal, by name; sources that could never be opened are among them, pictures
 * are not. `made`: now; `version`: of labelcast. Throws ConfigError when it lacks a wanted stream, and PublishError.
 */
export async function readReport(
  journal: ReportJournal,
  { made, version, ...filter }: ReportFilter & { readonly made: Date; readonly version: string },
): Promise<Report> {
  const histories = choose(await readHistories(journal), filter.streams);
  const read: ReadSource[] = [];
  for (const history of histories) read.push(await readSource(journal, history, filter));
  const models = new Set(read.flatMap((one) => one.models));
  read.sort((a, b) => (a.source.name < b.source.name ? -1 : 1));
  const data: ReportData = {
    version: 1,
    made: made.toISOString(),
    generator: `labelcast ${version}`,
    model: [...models].join(', ') || 'unknown',
    sources: read.map(({ source }) => source),
  };
  return { data, segments: read.flatMap(({ segments }) => segments) };
}

function choose(
  held: readonly StreamHistory[],
  wanted: readonly string[] | undefined,
): readonly StreamHistory[] {
  if (wanted === undefined) return held;
  const ids = held.map(({ streamId }) => streamId);
  const missing = wanted.filter((streamId) => !ids.includes(streamId));
  if (missing.length === 0) return held.filter(({ streamId }) => wanted.includes(streamId));
  const shown = ids.slice(0, MOST_SHOWN);
  const more = ids.length > shown.length ? [`and ${ids.length - shown.length} more`] : [];
  throw new ConfigError(`the journal holds no stream ${missing.join(', ')}`, [...shown, ...more], {
    remedy: 'name one of those it holds',
  });
}

const MOST_SHOWN = 20;

interface ReadSource extends Pick<Report, 'segments'> {
  readonly source: ReportSource;
  /** As name and version. */
  readonly models: readonly string[];
}

async function readSource(
  journal: ReportJournal,
  history: StreamHistory,
  { labels }: ReportFilter,
): Promise<ReadSource> {
  const { streamId, kind, sourceUri, epoch } = history;
  if (epoch === null) return { source: toUnopened(history), segments: [], models: [] };
  // held already, so that its own identity comes back
  const wanted = { streamId, kind, sourceUri, epoch, clock: 'none', startTimeMs: null, tags: {} } as const;
  const held = await journal.openEpoch(wanted);
  const all = await journal.segments(epoch);
  const segments = all.filter(({ label }) => labels?.includes(label) ?? true);
  const model = modelOf(held.checkpoint);
  const names = model?.labels ?? [];
  const shown = new Set(segments.map(({ label }) => label));
  const indexes = [...names.keys()].filter((index) => shown.has(names[index]!));
  const isShort = (held.checkpoint?.lastMs ?? 0) <= MOST_CURVES_MS;
  const blocks = isShort ? await journal.scores(epoch) : [];
  const frames = readFrames(blocks, history.otherModelUntilMs);
  const inForce = kind === 'file' && frames.timesMs.length > 0 ? smoothingOf(held.checkpoint) : null;
  const end = toEnd(history, held);
  const file: RecordedFile | null =
    inForce === null ? null : { names, frames, inForce, segments, blind: toBlindSpans(held), end };
  const near = file === null ? [] : findNearPlaces(file, labels);
  const places = [...indexes, ...near];
  const curves = toCurves(frames, places, file === null ? 1 : 2);
  const explanations = file === null ? new Map() : explainPlaces(file, places, curves);
  const timesMs = blocks.flatMap((block) => block.timesMs);
  const standings = toMediaTime(history.standings, held.identity.startTimeMs);
  const durationMs = toDuration(history, { held, segments: all, timesMs, standings });
  const gaps =
    kind === 'live'
      ? toKnownGaps(toLiveGaps({ timesMs, standings, durationMs }), held)
      : mergeSpans(toBlindSpans(held), durationMs, 0);
  return {
    segments,
    models: [...history.models, ...(model === null ? [] : [`${model.name} ${model.version}`])],
    source: {
      ...toStart(history),
      durationMs,
      startTime: toTime(held.identity.startTimeMs),
      ...(held.wholeFromMs !== undefined && { wholeFromTime: new Date(held.wholeFromMs).toISOString() }),
      ...toState(history, held),
      gaps,
      labels: toReportLabels({
        segments,
        thresholds: history.thresholds,
        durationMs,
        curves,
        names,
        explanations,
      }),
      scoreSteps: toSteps(curves),
      ...(curves.framesPerPoint > 1 && { framesPerScore: curves.framesPerPoint }),
      ...(inForce && { smoothing: toReportSmoothing(inForce) }),
      ...(file && { nearLabels: toNearLabels(file, near, { explanations, curves }) }),
    },
  };
}

function toUnopened(history: StreamHistory): ReportSource {
  return {
    ...toStart(history),
    durationMs: 0,
    startTime: null,
    state: 'failed',
    failure: toFailureWords(history.standings.at(-1)?.cause ?? null),
    gaps: [],
    labels: [],
    scoreSteps: [],
  };
}

function toStart({ streamId, kind, sourceUri }: StreamHistory) {
  return { streamId, name: toName(sourceUri), kind, video: null, thumbnails: null };
}

/** A live stream that ended in the last run is completed; its epoch may go on. */
function toState(
  { kind, standings }: StreamHistory,
  { finished }: EpochState,
): Pick<ReportSource, 'state' | 'failure'> {
  const last = standings.at(-1);
  const isFailed = kind === 'file' ? finished === 'failed' : last?.state === 'failed';
  if (isFailed) return { state: 'failed', failure: toFailureWords(last?.cause ?? null) };
  const isCompleted = kind === 'file' ? finished === 'completed' : last?.state === 'ended';
  return { state: isCompleted ? 'completed' : 'open', failure: null };
}

interface Extent {
  readonly held: EpochState;
  readonly segments: readonly SourcedSegment[];
  readonly timesMs: readonly number[];
  readonly standings: readonly Standing[];
}

/** As far as anything is known; a frame counts until the next one is due. */
function toDuration(
  { completedMs, kind }: StreamHistory,
  { held, segments, timesMs, standings }: Extent,
): number {
  if (completedMs !== null) return completedMs;
  const lastMs = held.checkpoint?.lastMs ?? null;
  const frameEndMs = lastMs === null ? 0 : lastMs + toUsualStep(timesMs);
  const segmentEndMs = segments.reduce((most, { startMs, endMs }) => Math.max(most, endMs ?? startMs + 1), 0);
  const standingMs = kind === 'live' ? (standings.at(-1)?.atMs ?? 0) : 0;
  return Math.max(frameEndMs, segmentEndMs, standingMs);
}

/** Null: the end is not reached. */
function toEnd({ completedMs }: StreamHistory, { finished }: EpochState): SourceEnd | null {
  if (finished === 'failed') return { durationMs: null, cause: 'corrupt' };
  return completedMs === null ? null : { durationMs: completedMs, cause: null };
}

function toReportSmoothing({ fps, smoothing }: SmoothingInForce): ReportSmoothing {
  const { halfLifeMs, minOnMs, minOffMs } = smoothing;
  return { fps, halfLifeMs, minOnMs, minOffMs };
}

function toMediaTime(standings: readonly Standing[], startTimeMs: number | null): Standing[] {
  return startTimeMs === null ? [] : standings.map((one) => ({ ...one, atMs: one.atMs - startTimeMs }));
}

/** Of what was removed with age nobody knows whether it could be seen. */
function toKnownGaps(gaps: readonly Span[], { identity, wholeFromMs = 0 }: EpochState): Span[] {
  const fromMs = wholeFromMs - (identity.startTimeMs ?? 0);
  return gaps
    .filter(({ endMs }) => endMs > fromMs)
    .map(({ startMs, endMs }) => ({ startMs: Math.max(startMs, fromMs), endMs }));
}

/** Where damage hid the pictures of a file. */
function toBlindSpans({ checkpoint }: EpochState): Span[] {
  const spans = (checkpoint?.smoother['blind'] ?? []) as readonly (readonly [number, number])[];
  return spans.map(([startMs, endMs]) => ({ startMs, endMs }));
}

function toTime(startTimeMs: number | null): string | null {
  return startTimeMs === null ? null : new Date(startTimeMs).toISOString();
}

function toSteps({ timesMs }: Curves): number[] {
  return timesMs.map((timeMs, n) => timeMs - (timesMs[n - 1] ?? 0));
}
