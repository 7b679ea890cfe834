// How steady the ways of smoothing are on clips with known truth (npm run bench truth): each is tuned on dev clips with the same
// number of tries, and told of on test clips. docs/smoothing.md has what it prints.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError } from '../src/errors.js';
import { readModel } from '../src/infer/model.js';
import { toDifference } from '../src/calibrate/paired-difference.js';
import { runBench } from './common/run-bench.js';
import { toAverages, toMap } from './smoothing/frame-scores.js';
import { find, type LabClip, measure, readClips, readTracedRate } from './smoothing/lab.js';
import { toDifferences, toMapTable, toTable } from './smoothing/tables.js';
import { toBest, tryAll } from './smoothing/tune.js';
import type { Settings } from './smoothing/way.js';
import { toSmoothing, WAYS } from './smoothing/ways.js';
import { createRandom } from '../src/calibrate/random.js';
import { gateClips } from './smoothing/gate.js';
import { keyFramesOnly, subsample, type Trace } from './truth/trace.js';

/** Delay behind the raw scores that is asked for, in 95 of 100 cases; in a table of its own, behind the true onset. */
const LATEST_MS = 1800;
/** How long after a label is gone its end is to be told, in half of the cases. */
const LATEST_END_MS = 2500;
const FPS = 5;
const RATES = [1, 2, 5, 10, 25];
const SEED = 1;

await runBench(main);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: '.cache/truth' },
      budget: { type: 'string', default: '300' },
      json: { type: 'string' },
      try: { type: 'string', multiple: true, default: [] },
    },
  });
  const budget = Number(values.budget);
  if (!Number.isSafeInteger(budget) || budget < 1)
    throw new ConfigError(`--budget is a whole number from 1 on, not ${values.budget}`);
  const { manifest, info } = await readModel('model/sgfn-nano-coco80');
  const { enter, exit } = manifest.smoothing;
  const thresholds = manifest.labels.map((label) => ({
    enter: label.enter ?? enter,
    exit: label.exit ?? exit,
  }));
  const read = (part: 'dev' | 'test', sample: (trace: Trace) => Trace): LabClip[] =>
    readClips(values.out, part, { sha256: info.sha256, thresholds, sample });
  const [dev, test] = (['dev', 'test'] as const).map((part) => read(part, (trace) => subsample(trace, FPS)));
  const ours = WAYS.at(-1)!;

  const tuned = WAYS.map((way) => {
    const trials = tryAll(way, { budget, random: createRandom(SEED, way.name) }, (settings) =>
      measure(dev!, find(way, settings, { clips: dev!, thresholds })),
    );
    return {
      way,
      trials,
      best: (toBest(trials, { delayMs: LATEST_MS, endMs: LATEST_END_MS }) ?? trials[0]!).settings,
    };
  });
  const segments = tuned.map(({ way, best }) => find(way, best, { clips: test!, thresholds }));
  const usual = WAYS.map((way) => find(way, way.usual, { clips: test!, thresholds }));
  print(
    `${dev!.length} dev clips, ${test!.length} test clips, ${FPS} frames/s, ${values.budget} settings a way`,
  );
  print('\nTest clips, usual settings\n');
  print(toTable(WAYS.map(({ name }, n) => [name, measure(test!, usual[n]!)])));
  print('\nTest clips, settings tuned on dev clips\n');
  print(toTable(WAYS.map(({ name }, n) => [name, measure(test!, segments[n]!)])));
  print('\nThe same on the dev clips\n');
  print(
    toTable(
      tuned.map(({ way, best }) => [way.name, measure(dev!, find(way, best, { clips: dev!, thresholds }))]),
    ),
  );
  for (const { way, best } of tuned) print(`${way.name}: ${JSON.stringify(best)}`);
  print(`\nTuned to be sure ${LATEST_MS / 1000} s after the true onset, dev clips and test clips\n`);
  const prompt = tuned.flatMap(({ way, trials }) => {
    const best = toBest(trials, { onsetMs: LATEST_MS })?.settings;
    if (best === undefined) return [];
    const reached = (clips: LabClip[]) => measure(clips, find(way, best, { clips, thresholds }));
    return [[`${way.name}, dev`, reached(dev!)] as const, [`${way.name}, test`, reached(test!)] as const];
  });
  print(toTable(prompt));
  print('');
  const pairs = WAYS.slice(0, -1).map(
    ({ name }, n) =>
      [
        name,
        toDifference(
          test!.map(({ truth }) => truth),
          [segments.at(-1)!, segments[n]!],
          createRandom(SEED),
        ),
      ] as const,
  );
  print(toDifferences(pairs));

  const tried = [
    ['usual', ours.usual],
    ['tuned', tuned.at(-1)!.best],
    ...values.try.map((text, n) => [`try ${n + 1}`, JSON.parse(text) as Settings] as const),
  ] as const;
  if (values.try.length > 0) {
    const others = [
      ...WAYS.slice(0, -1).map(({ name }, n) => [name, segments[n]!] as const),
      ['labelcast, usual', usual.at(-1)!] as const,
    ];
    for (const [title, settings] of tried.slice(2)) {
      const found = find(ours, settings, { clips: test!, thresholds });
      print(`\n${title}: ${JSON.stringify(settings)}\n`);
      print(
        toTable([
          ['dev clips', measure(dev!, find(ours, settings, { clips: dev!, thresholds }))],
          ['test clips', measure(test!, found)],
        ]),
      );
      print('');
      print(
        toDifferences(
          others.map(([name, other]) => [
            name,
            toDifference(
              test!.map(({ truth }) => truth),
              [found, other],
              createRandom(SEED),
            ),
          ]),
        ),
      );
    }
  }

  print('\nFrame mAP, test clips\n');
  print(
    toMapTable([
      ['raw scores', toMap(test!, ({ frames }) => frames.map(({ scores }) => scores))],
      ...tried.map(([title, settings]) => {
        const smoothing = toSmoothing(thresholds, settings);
        return [`averages, ${title}`, toMap(test!, (trace) => toAverages(trace, smoothing))] as const;
      }),
    ]),
  );

  print('\nlabelcast, the same settings at other rates\n');
  const traced = readTracedRate(values.out);
  const held = RATES.filter((fps) => traced === null || traced % fps === 0);
  const rates: [string, LabClip[]][] = held.map((fps) => [
    `${fps} frames/s`,
    read('test', (trace) => subsample(trace, fps)),
  ]);
  if (traced === null) rates.push(['key frames', read('test', (trace) => keyFramesOnly(trace, FPS))]);
  else print(`(the traces hold ${traced} frames a second: no others, and no key frames)\n`);
  const gated = await gateClips(values.out, test!);
  rates.push([`${FPS} frames/s, static gate`, gated.clips]);
  for (const [title, settings] of tried)
    print(
      `${toTable(rates.map(([name, clips]) => [`${title}, ${name}`, measure(clips, find(ours, settings, { clips, thresholds }))]))}\n`,
    );

  print(`the static gate left out ${gated.skipped} of ${gated.frames} frames`);

  if (values.json !== undefined) {
    const trials = tuned.map(({ way, trials: all, best }) => ({
      way: way.name,
      usual: way.usual,
      best,
      trials: all,
    }));
    writeFileSync(values.json, JSON.stringify(trials));
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
