import type { InferenceRow, OrtRow, Results } from './results.js';

/** A figure that has to be reached on a CUDA device, and whether it is. */
export interface Bar {
  readonly what: string;
  readonly aim: string;
  /** In words; null: not measured. */
  readonly value: string | null;
  readonly verdict: 'reached' | 'not reached' | 'not measured';
}

const SHIPPED = 'sgfn-nano-coco80';
const LARGE = 'sgfn-tresnet-l-448';
/** The load at which the age of frames is judged, percent of the limit. */
const JUDGED_LOAD = 80;

/** Judges what a CUDA device is held to; figures of other devices count for none of it. */
export function judgeBars(results: Results): Bar[] {
  const ort = results.ort.filter(isOnCuda);
  const inference = results.inference.filter(isOnCuda);
  const shipped = inference.filter(({ model }) => model === SHIPPED);
  const large = inference.filter(({ model, precision }) => model === LARGE && precision === 'fp16');
  const ratios = inference.map((row) => row.framesPerSecond / row.bareFramesPerSecond);
  const half = results.scores.filter((row) => isOnCuda(row) && row.precision === 'fp16');
  const f1 = results.scores.filter(isOnCuda).flatMap((row) => row.f1At50 ?? []);
  const ages = results.live.filter((row) => isOnCuda(row) && row.loadPercent === JUDGED_LOAD);
  return [
    atLeast('labelcast ÷ ONNX Runtime at the same batch size, lowest', 0.9, lowest(ratios), 2),
    atLeast(`inference side, ${SHIPPED}, frames/s`, 3000, highest(shipped.map(rateOf)), 0),
    atLeast(`inference side, ${LARGE} fp16, frames/s`, 1000, highest(large.map(rateOf)), 0),
    atLeast('batching gain, ONNX Runtime, best batch ÷ batch 1, highest', 3.5, highest(gainsOf(ort)), 2),
    atLeast('end to end from files ÷ min(decode limit, inference limit)', 0.8, endToEnd(results), 2),
    below(
      `p95 age of frames at ${JUDGED_LOAD} % load, ms`,
      250,
      highest(ages.map(({ p95Ms }) => p95Ms ?? Number.NaN)),
    ),
    atMost(
      'scores, largest difference of fp16 from fp32 on the CPU',
      0.01,
      highest(half.map((row) => row.maxDifference)),
    ),
    atLeast("segments, F1@50 against the CPU's, lowest", 0.98, lowest(f1), 3),
  ];
}

/** Of each model and precision that was run one by one and in batches: the best batch's frames per second ÷ batch 1's. */
export function gainsOf(rows: readonly OrtRow[]): number[] {
  return rows
    .filter(({ batch }) => batch === 1)
    .flatMap((single) => {
      const others = rows.filter((row) => isSame(row, single) && row.batch > 1);
      return others.length === 0 ? [] : [highest(others.map(rateOf))! / single.framesPerSecond];
    });
}

/** The lower of the decode limit with all cores and the best rate of inference of the shipped model on a device; null: unknown. */
export function loadLimit(results: Results, device: string): number | null {
  const decode = highest(results.decode.map(rateOf));
  const own = <T extends OrtRow | InferenceRow>(rows: readonly T[]) =>
    rows.filter((row) => row.device === device && row.model === SHIPPED).map(rateOf);
  const inference = highest([...own(results.ort), ...own(results.inference)]);
  return decode === null || inference === null ? null : Math.min(decode, inference);
}

function endToEnd(results: Results): number | null {
  const limit = loadLimit(results, 'cuda');
  const best = highest(results.files.filter(isOnCuda).map(rateOf));
  return limit === null || best === null ? null : best / limit;
}

function isSame(a: OrtRow, b: OrtRow): boolean {
  return a.model === b.model && a.precision === b.precision && a.device === b.device;
}

function isOnCuda({ device }: { readonly device: string }): boolean {
  return device === 'cuda';
}

function rateOf({ framesPerSecond }: { readonly framesPerSecond: number }): number {
  return framesPerSecond;
}

function highest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}

function lowest(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.min(...values);
}

function atLeast(what: string, aim: number, value: number | null, digits: number): Bar {
  return toBar(
    { what, aim: `≥ ${aim}`, value: value?.toFixed(digits) ?? null },
    value !== null && value >= aim,
  );
}

function atMost(what: string, aim: number, value: number | null): Bar {
  return toBar({ what, aim: `≤ ${aim}`, value: value?.toFixed(4) ?? null }, value !== null && value <= aim);
}

/** NaN, where a load was run and no age could be told, is not below anything. */
function below(what: string, aim: number, value: number | null): Bar {
  const text = value === null ? null : Number.isNaN(value) ? 'none' : value.toFixed(0);
  return toBar({ what, aim: `< ${aim}`, value: text }, value !== null && value < aim);
}

function toBar(bar: Omit<Bar, 'verdict'>, isReached: boolean): Bar {
  return { ...bar, verdict: bar.value === null ? 'not measured' : isReached ? 'reached' : 'not reached' };
}
