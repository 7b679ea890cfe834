import { basename, extname } from 'node:path';
import { ConfigError } from '../../errors.js';
import type { Manifest } from '../../infer/manifest.js';
import { TUNE_DOCUMENT } from '../package-files.js';
import type { Guess, ImportFlags } from './import-flags.js';

const ENTER = 0.5;
/** Of the enter threshold. */
const EXIT_SHARE = 0.7;
/** As of the shipped model. */
export const TIMES = { halfLifeMs: 200, minOnMs: 400, minOffMs: 1500, gapToleranceMs: 3000 } as const;

/** What no ONNX file says, from the flags or as it is usual. Throws ConfigError when thresholds exclude each other. */
export function toDefaults(
  file: string,
  flags: ImportFlags,
): {
  readonly names: Pick<Manifest, 'name' | 'version' | 'licence'>;
  readonly thresholds: { readonly enter: number; readonly exit: number };
  readonly guesses: readonly Guess[];
} {
  const plain = basename(file, extname(file)).replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  const name = flags.name ?? plain.slice(0, 80);
  const version = flags.modelVersion ?? '1.0.0';
  const licence = flags.licence ?? 'NOASSERTION';
  const enter = flags.enter ?? ENTER;
  const exit = flags.exit ?? Number((enter * EXIT_SHARE).toFixed(3));
  if (exit >= enter)
    throw new ConfigError(`--exit ${exit} is not below the enter threshold ${enter}`, [], {
      remedy: 'a label ends where its score falls below exit: name a lower one',
    });
  const guesses: (Guess | false)[] = [
    (flags.name ?? flags.modelVersion) === undefined && ['name', `${name} ${version}`],
    flags.licence === undefined && [
      'licence',
      `${licence}, which is SPDX for not stated; --licence Apache-2.0, for one, states it`,
    ],
    (flags.enter === undefined || flags.exit === undefined) && [
      'thresholds',
      `enter ${enter}, exit ${exit}, for every label; what to turn when they do not suit: ${TUNE_DOCUMENT}`,
    ],
  ];
  return {
    names: { name, version, licence },
    thresholds: { enter, exit },
    guesses: guesses.filter((guess) => guess !== false),
  };
}
