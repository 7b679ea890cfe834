import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { ReportSegment } from '../report-data.js';
import { address, changePlace, getPlace } from './address.js';
import { findFirstAfter, findSegmentAt, type Lane, toLanes } from './lanes.js';
import type { LabelModel, SourceModel } from './report-model.js';
import { readScores, type ScoreCurve, toScoreTimes } from './score-curve.js';
import { openThumbnailTiles, type ThumbnailTiles } from './thumbnail-tiles.js';
import { ViewRange } from './view-range.js';

/** Where the pointer is over a timeline: the time, the lane if it is over one, and where to put what is said of it. */
export interface PointedAt {
  readonly ms: number;
  readonly lane: Lane | null;
  readonly left: number;
  readonly top: number;
}

/** What was chosen last; no segment: the whole lane. */
export interface Chosen {
  readonly label: LabelModel;
  readonly segment: ReportSegment | null;
}

/** What plays the stream, if anything does. */
export interface Playback {
  seek(ms: number): void;
  toggle(): void;
}

/** As much of a view as the next one is further when a playing video leaves it. */
const TURNED_OVER = 0.9;

/** What an open stream shows: one for its timeline, player and table, which only look at it and tell it what happens. */
export class SourceState {
  readonly source: SourceModel;
  readonly view: ViewRange;
  readonly tiles: ThumbnailTiles | null;
  readonly lanes: ReadonlySignal<readonly Lane[]>;
  readonly pointedAt = signal<PointedAt | null>(null);
  readonly chosen = signal<Chosen | null>(null);
  readonly playheadMs = signal(0);
  /** The lane under the pointer. */
  readonly pointedLane: ReadonlySignal<Lane | null>;
  /** The label whose curve is shown: under the pointer, else chosen, else the first. */
  readonly label: ReadonlySignal<LabelModel | null>;
  readonly wallMs: ReadonlySignal<number | null>;
  #playback: Playback | null = null;
  readonly #scoreTimes: Float64Array;
  readonly #curves = new Map<LabelModel, ScoreCurve>();
  readonly #averages = new Map<LabelModel, ScoreCurve>();

  constructor(source: SourceModel) {
    this.source = source;
    this.view = new ViewRange(source.lengthMs);
    this.#scoreTimes = toScoreTimes(source.data);
    this.tiles = source.data.thumbnails === null ? null : openThumbnailTiles(source.data.thumbnails);
    this.lanes = computed(() => toLanes(source.labels, address.value));
    this.pointedLane = computed(() => this.pointedAt.value?.lane ?? null);
    this.label = computed(
      () => this.pointedLane.value?.label ?? this.chosen.value?.label ?? this.lanes.value[0]?.label ?? null,
    );
    this.wallMs = computed(() => (isOnWall(source, address.value.onWall) ? source.wallMs : null));
    const { label, startMs, endMs } = getPlace();
    const chosen = [...source.labels, ...source.nearLabels].find(({ name }) => name === label);
    if (chosen !== undefined) this.chosen.value = { label: chosen, segment: null };
    if (startMs !== null && endMs !== null && endMs > startMs) this.view.show(startMs, endMs);
    else if (source.wholeFromMs > 0) this.view.show(source.wholeFromMs, source.lengthMs);
  }

  /** The scores of a label; null when none were kept. */
  curveOf(label: LabelModel): ScoreCurve | null {
    return this.#read(label, label.scores, this.#curves);
  }

  /** The moving average of a label; null when it is not known. */
  averageOf(label: LabelModel): ScoreCurve | null {
    return this.#read(label, label.explanation?.averages ?? null, this.#averages);
  }

  #read(label: LabelModel, base64: string | null, into: Map<LabelModel, ScoreCurve>): ScoreCurve | null {
    const known = into.get(label);
    if (known !== undefined || base64 === null) return known ?? null;
    const timesMs = this.#scoreTimes;
    const curve = { timesMs, bytes: readScores(base64, timesMs.length), gaps: this.source.data.gaps };
    into.set(label, curve);
    return curve;
  }

  /** Moves the playhead, and the video with it. */
  seek(ms: number): void {
    const at = Math.max(0, Math.min(ms, this.source.lengthMs));
    this.playheadMs.value = at;
    this.#playback?.seek(at);
  }

  /** Follows what is played: the view turns over when the playhead leaves it at its end. */
  follow(ms: number): void {
    const { startMs, endMs } = this.view.range.peek();
    if (this.playheadMs.peek() <= endMs && ms > endMs) this.view.pan((endMs - startMs) * TURNED_OVER);
    this.playheadMs.value = ms;
  }

  /** Plays, or pauses, if something can. */
  togglePlayback(): void {
    this.#playback?.toggle();
  }

  /** What is sought and toggled from now on; null: nothing. */
  setPlayback(playback: Playback | null): void {
    this.#playback = playback;
  }

  choose(label: LabelModel, segment: ReportSegment | null): void {
    this.chosen.value = { label, segment };
    changePlace({ label: label.name });
  }

  chooseNothing(): void {
    this.pointedAt.value = null;
    this.chosen.value = null;
    changePlace({ label: null });
  }

  /** Chooses a segment, goes to its start and brings it into view. */
  goTo(label: LabelModel, segment: ReportSegment): void {
    batch(() => {
      this.choose(label, segment);
      this.seek(segment.startMs);
      this.view.reveal(segment);
    });
  }

  /** What a click at a time on a lane does: it goes there, and chooses what it hit. */
  pick(ms: number, lane: Lane | null): void {
    batch(() => {
      this.seek(ms);
      if (lane !== null) this.choose(lane.label, findSegmentAt(lane.segments, ms));
    });
  }

  /** Chooses the lane that many places below the chosen one; above it when negative. */
  stepLane(by: number): void {
    const lanes = this.lanes.peek();
    const at = lanes.findIndex(({ label }) => label === this.chosen.peek()?.label);
    const lane = lanes[at < 0 ? 0 : Math.max(0, Math.min(lanes.length - 1, at + by))];
    if (lane !== undefined) this.choose(lane.label, null);
  }

  /** Goes to the next segment of the chosen lane, or to the one before. */
  stepSegment(by: 1 | -1): void {
    const lanes = this.lanes.peek();
    const lane = lanes.find(({ label }) => label === this.chosen.peek()?.label) ?? lanes[0];
    if (lane === undefined) return;
    const { segments } = lane;
    const chosen = this.chosen.peek()?.segment ?? null;
    const known = chosen === null ? -1 : segments.indexOf(chosen);
    const after = findFirstAfter(segments, this.playheadMs.peek());
    const at = known >= 0 ? known + by : by > 0 ? after : after - 1;
    const segment = segments[Math.max(0, Math.min(segments.length - 1, at))];
    if (segment !== undefined) this.goTo(lane.label, segment);
  }

  close(): void {
    this.tiles?.close();
  }
}

/** A live stream is told by the wall clock unless the reader says otherwise; a file by its own. */
export function isOnWall({ data, wallMs }: SourceModel, wanted: boolean | null): boolean {
  return wallMs !== null && (wanted ?? data.kind === 'live');
}
