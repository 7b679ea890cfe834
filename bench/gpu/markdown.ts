import type { Bar } from './bars.js';
import type { Results } from './results.js';

type Column<T> = readonly [name: string, cell: (row: T) => string | number | null];

/** The report for people: the bars first, then a table of each step, then what could not be run and why. */
export function toMarkdown(results: Results, bars: readonly Bar[]): string {
  const parts = [
    `# labelcast on a GPU\n\n${toFacts(results)}`,
    toTable('Bars, of CUDA devices', bars, [
      ['bar', (row) => row.what],
      ['aim', (row) => row.aim],
      ['value', (row) => row.value],
      ['', (row) => row.verdict],
    ]),
    toTable('ONNX Runtime alone, frames in memory', results.ort, [
      ...SUBJECT,
      ['frames/s', (row) => row.framesPerSecond.toFixed(1)],
      ['ms a batch', (row) => row.batchMs.toFixed(2)],
    ]),
    toTable("labelcast's inference side, frames in memory, in turns with ONNX Runtime", results.inference, [
      ...SUBJECT,
      ['frames/s', (row) => row.framesPerSecond.toFixed(1)],
      ['ONNX Runtime', (row) => row.bareFramesPerSecond.toFixed(1)],
      ['ratio', (row) => (row.framesPerSecond / row.bareFramesPerSecond).toFixed(2)],
    ]),
    toTable('Decode limit, decoders of one thread side by side, frames to be scored', results.decode, [
      ['clip', (row) => row.clip],
      ['decoders', (row) => row.decoders],
      ['frames/s', (row) => row.framesPerSecond.toFixed(1)],
    ]),
    toTable('End to end from files: `labelcast tag`', results.files, [
      ...PACKAGE,
      ['files', (row) => row.files],
      ['frames', (row) => row.frames],
      ['frames/s', (row) => row.framesPerSecond.toFixed(1)],
      ['start, s', (row) => row.startSeconds.toFixed(2)],
    ]),
    toTable('Live: `labelcast serve`, looped MPEG-TS over HTTP', results.live, [
      ['device', (row) => row.device],
      ['load, %', (row) => row.loadPercent],
      ['streams × frames/s', (row) => `${row.streams} × ${row.fps}`],
      ['seconds', (row) => row.seconds.toFixed(0)],
      ['scored', (row) => row.scored],
      ['dropped', (row) => row.dropped],
      ['age p50, ms', (row) => row.p50Ms?.toFixed(0) ?? null],
      ['p95', (row) => row.p95Ms?.toFixed(0) ?? null],
    ]),
    toTable('Against fp32 on the CPU', results.scores, [
      ...PACKAGE,
      ['frames', (row) => row.frames],
      ['largest difference of a score', (row) => row.maxDifference.toExponential(1)],
      ['segments on the CPU', (row) => row.segments],
      ['F1@50', (row) => row.f1At50?.toFixed(3) ?? null],
    ]),
    toTable('GPU meanwhile, by nvidia-smi', results.usage, [
      ['step', (row) => row.step],
      ['samples', (row) => row.samples],
      ['utilisation mean, %', (row) => row.gpuPercentMean.toFixed(0)],
      ['max', (row) => row.gpuPercentMax.toFixed(0)],
      ['memory max, MiB', (row) => row.memoryMiBMax],
    ]),
    toTable('Steps', results.steps, [
      ['step', (row) => row.name],
      ['', (row) => row.state],
      ['seconds', (row) => row.seconds.toFixed(0)],
    ]),
    toNotRun(results),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const PACKAGE: readonly Column<{ model: string; precision: string; device: string }>[] = [
  ['model', (row) => row.model],
  ['precision', (row) => row.precision],
  ['device', (row) => row.device],
];

const SUBJECT: readonly Column<{ model: string; precision: string; device: string; batch: number }>[] = [
  ...PACKAGE,
  ['batch', (row) => row.batch],
];

function toFacts({ facts, command, startedTime }: Results): string {
  if (facts === null) return `\`${command}\`, ${startedTime}`;
  const gpus = facts.gpus.map(
    ({ name, driver, memoryMiB }) => `* ${name}, ${memoryMiB} MiB, driver ${driver}`,
  );
  return [
    ...(gpus.length === 0 ? ['* no NVIDIA GPU'] : gpus),
    `* ${facts.cpu}, ${facts.cores} cores, ${facts.memoryGiB} GiB`,
    `* labelcast ${facts.labelcast}, ONNX Runtime ${facts.onnxruntime}, Node ${facts.node}, ffmpeg ${facts.ffmpeg}`,
    `* \`${command}\`, ${startedTime}`,
  ].join('\n');
}

/** Nothing of a step without figures: what is missing stands among what was not run. */
function toTable<T>(title: string, rows: readonly T[], columns: readonly Column<T>[]): string {
  if (rows.length === 0) return '';
  const lines = [columns.map(([name]) => name), columns.map(() => '---')];
  for (const row of rows)
    lines.push(columns.map(([, cell]) => String(cell(row) ?? '–').replaceAll('|', '\\|')));
  return `## ${title}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`;
}

function toNotRun({ notRun }: Results): string {
  if (notRun.length === 0) return '';
  return `## Not run\n\n${notRun.map(({ what, reason }) => `* ${what}: ${reason}`).join('\n')}`;
}
