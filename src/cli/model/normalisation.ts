import { ConfigError } from '../../errors.js';
import type { Prelude } from '../../infer/manifest.js';
import type { Channels, Guess, ImportFlags } from './import-flags.js';

/** How pixel values, scaled to 0 to 1 unless they stay 0 to 255, are normalised: red, green, blue. */
export const NORMALISATIONS = {
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  half: { scale: 1 / 255, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  unit: { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
  none: { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
} as const;

type Settings = Pick<Prelude, 'scale' | 'mean' | 'std'>;

/** What the flags say of the normalisation, in the order of the channels, which no ONNX file does. Throws ConfigError when they do not. */
export function toNormalisation({ normalise, mean, std, channels }: ImportFlags): {
  readonly settings: Settings;
  readonly guesses: readonly Guess[];
} {
  if (normalise !== undefined) {
    const { scale, mean: of, std: by } = NORMALISATIONS[normalise];
    const arrange = (rgb: readonly number[]): number[] => (channels === 'bgr' ? rgb.toReversed() : [...rgb]);
    return { settings: { scale, mean: arrange(of), std: arrange(by) }, guesses: [] };
  }
  if (mean === undefined || std === undefined) throw refuse({ mean, std });
  const isOfBytes = [...mean, ...std].some((value) => value > 1);
  if (isOfBytes) refuseMixed(mean, std);
  return {
    settings: { scale: isOfBytes ? 1 : 1 / 255, mean: [...mean], std: [...std] },
    guesses: [
      ['mean, std', isOfBytes ? 'of values from 0 to 255, as one is above 1' : 'of values from 0 to 1'],
    ],
  };
}

/** A mean of 0 says nothing of what it is of, nor does a std of 1. */
function refuseMixed(mean: Channels, std: Channels): void {
  const isMeanOfBytes = mean.some((value) => value > 1);
  const isMixed = isMeanOfBytes ? std.every((value) => value < 1) : mean.some((value) => value > 0);
  if (!isMixed) return;
  const [small, large] = isMeanOfBytes ? ['--std', '--mean'] : ['--mean', '--std'];
  throw new ConfigError(
    `${small} seems to be of values from 0 to 1, but ${large} of values from 0 to 255`,
    [],
    {
      remedy: `write both of the same values: multiply ${small} by 255, or divide ${large} by it, as it was trained`,
    },
  );
}

function refuse({ mean, std }: Record<'mean' | 'std', Channels | undefined>): ConfigError {
  if (mean === undefined && std === undefined)
    return new ConfigError('no ONNX file says how its pictures are to be normalised', [], {
      remedy:
        "add --normalise imagenet (timm's usual), half, unit or none, or --mean R,G,B and --std R,G,B, as it was trained",
    });
  const [given, lacking, neutral] =
    mean === undefined
      ? ['--std', '--mean', '--mean 0,0,0 where nothing is subtracted']
      : ['--mean', '--std', '--std 1,1,1 where nothing is divided'];
  return new ConfigError(`${given} is there, but ${lacking} is not`, [], {
    remedy: `write both, as it was trained: --mean R,G,B --std R,G,B; ${neutral}`,
  });
}
