import type { Smoothing, Thresholds } from '../types.js';
import { shifted, toLogOdds } from './log-odds.js';
import type { Random } from './random.js';

/** A change of all thresholds together, in log-odds, and times in ms. */
export interface Change {
  /** Of `enter`. */
  readonly shift: number;
  /** How far `exit` lies below `enter`. */
  readonly drop: number;
  readonly halfLifeMs: number;
  readonly minOnMs: number;
  readonly minOffMs: number;
}

const SHIFT = { low: -1.5, high: 2 };
const DROP = { low: 0.1, high: 2.5 };
const HALF_LIFE = { low: 20, high: 1500 };
const MIN_ON = { low: 50, high: 2000 };
/** An end is sure so much later; longer would make fewer segments of a label that comes and goes, and tell of ends too late. */
const MIN_OFF = { low: 200, high: 2500 };
const TIME_STEP_MS = 10;
const DECIMALS = 1000;

/** A change at random; times as likely in each ratio. */
export function drawChange(random: Random): Change {
  return {
    shift: random.between(SHIFT.low, SHIFT.high),
    drop: random.between(DROP.low, DROP.high),
    halfLifeMs: random.logBetween(HALF_LIFE.low, HALF_LIFE.high),
    minOnMs: random.logBetween(MIN_ON.low, MIN_ON.high),
    minOffMs: random.logBetween(MIN_OFF.low, MIN_OFF.high),
  };
}

/** Smoothing as it is written down, rounded, after a change; `isJudged`: the labels, by index, whose thresholds it is for. */
export function applyChange(
  smoothing: Smoothing,
  { shift, drop, halfLifeMs, minOnMs, minOffMs }: Change,
  isJudged: readonly boolean[],
): Smoothing {
  const toTime = (ms: number): number => Math.round(ms / TIME_STEP_MS) * TIME_STEP_MS;
  return {
    ...smoothing,
    halfLifeMs: toTime(halfLifeMs),
    minOnMs: toTime(minOnMs),
    minOffMs: toTime(minOffMs),
    thresholds: smoothing.thresholds.map((own, label) =>
      isJudged[label] === true ? round(shifted(own.enter, shift), shifted(own.enter, shift - drop)) : own,
    ),
  };
}

/** Thresholds moved together, in log-odds, and rounded. */
export function shiftThresholds({ enter, exit }: Thresholds, shift: number): Thresholds {
  return shift === 0 ? { enter, exit } : round(shifted(enter, shift), shifted(exit, shift));
}

/** Thresholds that scores at a temperature reach when the scores themselves reach the old ones, rounded. */
export function coolThresholds({ enter, exit }: Thresholds, temperature: number): Thresholds {
  if (temperature === 1) return { enter, exit };
  const cool = (value: number): number => 1 / (1 + Math.exp(-toLogOdds(value) / temperature));
  return round(cool(enter), cool(exit));
}

/** To three decimals, within 0 and 1 and `exit` below `enter`, as a manifest must have them. */
function round(enter: number, exit: number): Thresholds {
  const most = DECIMALS - 1;
  const above = Math.min(most, Math.max(2, Math.round(enter * DECIMALS)));
  const below = Math.min(above - 1, Math.max(1, Math.round(exit * DECIMALS)));
  return { enter: above / DECIMALS, exit: below / DECIMALS };
}
