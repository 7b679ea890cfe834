import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { drawFigure, WIDTH } from '../../explain/picture/label-picture.js';
import { HATCH } from '../../explain/picture/hatch.js';
import { toColorName } from '../palette.js';
import type { ReportExplanation, Span } from '../report-data.js';
import { toFigure } from './label-figure.js';
import type { LabelModel } from './report-model.js';
import type { SourceState } from './source-state.js';
import { isPrinting } from './theme.js';

const TOP_PX = 6;

interface LabelPictureProps {
  readonly state: SourceState;
  readonly label: LabelModel;
  readonly explanation: ReportExplanation;
  readonly range: Span;
}

/** The picture that `labelcast explain` draws, as wide as there is room. */
export function LabelPicture({ state, label, explanation, range }: LabelPictureProps) {
  const host = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(WIDTH);
  useEffect(() => {
    const box = host.current!;
    const observer = new ResizeObserver(() => setRoom(Math.max(1, box.clientWidth)));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  const width = isPrinting.value ? WIDTH : room;
  const picture = useMemo(() => {
    const scores = state.curveOf(label);
    const averages = state.averageOf(label);
    if (scores === null || averages === null) return null;
    const { smoothing, framesPerScore = 1 } = state.source.data;
    const parts = { label, explanation, scores, averages, endMs: state.source.lengthMs };
    const held = framesPerScore === 1 ? smoothing : undefined;
    return drawFigure(toFigure({ ...parts, smoothing: held }, range), { top: TOP_PX, width });
  }, [state, label, explanation, range, width]);
  return (
    <div ref={host} class="why-picture">
      {picture !== null && (
        <svg
          class="explain"
          role="img"
          aria-label={`Scores, average and states of ${label.name}`}
          viewBox={`0 0 ${width} ${picture.height}`}
          style={{ '--color': `var(${toColorName(label.color)})` }}
          dangerouslySetInnerHTML={{ __html: `<defs>${HATCH}</defs>${picture.markup}` }}
        />
      )}
    </div>
  );
}
