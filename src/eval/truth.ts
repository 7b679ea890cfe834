/** An interval of media time in which a label holds; `endMs` is exclusive. */
export interface LabelSpan {
  readonly label: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What is to be seen in a clip, and when: the side that metrics take for right. Segments of a label do not overlap. */
export interface Truth {
  /** How far it goes; null: to the end of the clip. */
  readonly durationMs: number | null;
  /** Those that are judged; null: all of the other side's. */
  readonly labels: readonly string[] | null;
  readonly segments: readonly LabelSpan[];
  /** Time in which a label is neither right nor wrong: cut out of both sides before anything is counted; see `toSegmentMetrics`. */
  readonly optional: readonly LabelSpan[];
}

/** A segment that was found. `confirmedMs`: media time at which its start was sure; null: not known. */
export interface FoundSegment extends LabelSpan {
  readonly confirmedMs: number | null;
}
