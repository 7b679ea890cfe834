import { ConfigError } from '../errors.js';
import type { Smoothing } from '../types.js';
import { toHint } from './did-you-mean.js';
import type { Config } from './config.js';

/** The part of a model manifest that decides smoothing. */
export interface SmoothingDefaults {
  readonly labels: readonly {
    readonly name: string;
    readonly enter?: number | undefined;
    readonly exit?: number | undefined;
  }[];
  readonly smoothing: {
    readonly halfLifeMs: number;
    readonly minOnMs: number;
    readonly minOffMs: number;
    readonly gapToleranceMs: number;
    readonly enter: number;
    readonly exit: number;
    readonly temperature?: number | undefined;
  };
}

/**
 * The smoothing in force for the chosen labels: config label > config global > manifest label > manifest global.
 * Throws ConfigError when the config names a label that the model lacks or exit is not below enter.
 */
export function resolveSmoothing(
  manifest: SmoothingDefaults,
  config: Config['smoothing'],
  chosen: readonly string[],
): Smoothing {
  const known = new Map(manifest.labels.map((label) => [label.name, label]));
  const issues = Object.keys(config.labels)
    .filter((name) => !known.has(name))
    .map((name) => `smoothing.labels.${name}: the model has no such label${toHint(name, [...known.keys()])}`);
  const crossed: string[] = [];
  const thresholds = chosen.map((name) => {
    const own = config.labels[name];
    const shipped = known.get(name);
    const enter = own?.enter ?? config.enter ?? shipped?.enter ?? manifest.smoothing.enter;
    const exit = own?.exit ?? config.exit ?? shipped?.exit ?? manifest.smoothing.exit;
    if (exit >= enter) crossed.push(`${name} would end at ${exit} and begin at ${enter}`);
    return { enter, exit };
  });
  if (crossed.length > 0) {
    const more = crossed.length > 1 ? `, and ${crossed.length - 1} more` : '';
    issues.push(`smoothing: ${crossed[0]}${more}; exit must be below enter`);
  }
  if (issues.length > 0) {
    throw new ConfigError('the smoothing settings do not fit the model', issues, {
      remedy: 'correct smoothing in the config file or its LABELCAST_SMOOTHING_… variables',
    });
  }
  const temperature = config.temperature ?? manifest.smoothing.temperature ?? 1;
  return {
    halfLifeMs: config.halfLifeMs ?? manifest.smoothing.halfLifeMs,
    minOnMs: config.minOnMs ?? manifest.smoothing.minOnMs,
    minOffMs: config.minOffMs ?? manifest.smoothing.minOffMs,
    gapToleranceMs: config.gapToleranceMs ?? manifest.smoothing.gapToleranceMs,
    thresholds,
    ...(temperature === 1 ? {} : { temperature }), // so that the epochs of files stay what they were without
  };
}
