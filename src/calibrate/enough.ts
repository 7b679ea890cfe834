import { ConfigError } from '../errors.js';
import type { LabelledClip } from './parts.js';

const LEAST_SEGMENTS = 10;
const LEAST_MS = 60_000;

/** Throws ConfigError when clips say too little to choose anything by: settings would be those of chance. */
export function checkEnough(clips: readonly LabelledClip[]): void {
  const lengthMs = clips.reduce(
    (sum, { truth, durationMs }) => sum + Math.min(truth.durationMs ?? durationMs, durationMs),
    0,
  );
  const segments = clips.reduce((sum, { truth }) => sum + truth.segments.length, 0);
  const issues = [
    ...(segments < LEAST_SEGMENTS
      ? [`true segments: ${segments}; at least ${LEAST_SEGMENTS} are needed`]
      : []),
    ...(lengthMs < LEAST_MS
      ? [`seconds that are judged: ${Math.floor(lengthMs / 1000)}; at least ${LEAST_MS / 1000} are needed`]
      : []),
  ];
  if (issues.length === 0) return;
  throw new ConfigError('there is too little to calibrate on', issues, {
    remedy: 'label more: some minutes in which the labels that matter come and go, as they do every day',
  });
}
