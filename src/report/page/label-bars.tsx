import type { ReportSegment, Span } from '../report-data.js';
import { toColorName } from '../palette.js';

/** The least share of the whole that is drawn of a segment. */
const LEAST = 1 / 800;

const HATCH = 'hatch';

/** The pattern of gaps, which must stand once in the page. */
export function GapHatch() {
  return (
    <svg width="0" height="0" class="defs" aria-hidden="true">
      <pattern id={HATCH} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0v4" stroke="var(--blind)" stroke-width="2" />
      </pattern>
    </svg>
  );
}

/** A lane drawn small, or for paper: a bar for each segment, as wide as its element. */
export function LabelBars(props: {
  readonly color: number;
  readonly segments: readonly ReportSegment[];
  readonly gaps: readonly Span[];
  readonly lengthMs: number;
}) {
  const { color, segments, gaps } = props;
  const lengthMs = Math.max(1, props.lengthMs);
  const toShare = (ms: number) => `${(ms / lengthMs) * 100}%`;
  const path = segments.map(({ startMs, endMs }) => {
    const width = Math.max(LEAST * lengthMs, endMs - startMs);
    return `M${startMs} 0h${width}v1H${startMs}z`;
  });
  return (
    <div class="label-bars" aria-hidden="true">
      {gaps.length > 0 && (
        <svg>
          {gaps.map(({ startMs, endMs }) => (
            <rect
              key={startMs}
              x={toShare(startMs)}
              width={toShare(endMs - startMs)}
              height="100%"
              fill={`url(#${HATCH})`}
            />
          ))}
        </svg>
      )}
      <svg viewBox={`0 0 ${lengthMs} 1`} preserveAspectRatio="none">
        <path d={path.join('')} fill={`var(${toColorName(color)})`} />
      </svg>
    </div>
  );
}
