import type { ReportLabel, ReportSource } from '../../../src/report/report-data.js';

/** A label that holds in these spans. */
export function labelOf(label: string, ...spans: readonly (readonly [number, number])[]): ReportLabel {
  const segments = spans.map(([startMs, endMs]) => ({ startMs, endMs, peak: 0.9, mean: 0.7, isOpen: false }));
  return { label, enter: 0.6, exit: 0.4, segments, scores: null };
}

/** A file of a minute with these labels. */
export function sourceOf(...labels: readonly ReportLabel[]): ReportSource {
  return {
    streamId: 'clip.mp4~0a1b2c3d',
    name: '/videos/clip.mp4',
    kind: 'file',
    video: null,
    durationMs: 60_000,
    startTime: null,
    state: 'completed',
    failure: null,
    gaps: [],
    labels,
    thumbnails: null,
    scoreSteps: [],
  };
}

/** Names that try to be something else where they are written. */
export const HOSTILE_LABELS = [
  '<script>alert(1)</script>',
  '00:00:01.000 --> 00:00:02.000',
  'two\nlines',
  'two\r\n\r\n1\n00:00:05.000 --> 00:00:06.000\nparagraphs',
  '"quoted", and \'so\'',
  '&lt; &amp; &',
  '=1+cmd|"/c calc"!A1',
  '+49',
  '@SUM(A1)',
  'كلب',
  '\u202Egod',
  '🐕‍🦺 dog',
  'NOTE me',
  '{\\an8}top',
  '\u2028',
];
