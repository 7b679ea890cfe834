import type { Manifest } from '../../infer/manifest.js';
import type { ModelFlags } from './model-flags.js';
import type { NORMALISATIONS } from './normalisation.js';

export type Normalisation = keyof typeof NORMALISATIONS;
/** Of red, green and blue, or of the order that the model takes. */
export type Channels = readonly [number, number, number];

/** The flags of `labelcast model import`. */
export interface ImportFlags extends ModelFlags {
  /** The folder to make. */
  readonly output: string;
  /** A text file, a label a line. */
  readonly labels: string;
  readonly normalise?: Normalisation;
  readonly mean?: Channels;
  readonly std?: Channels;
  readonly channels?: 'rgb' | 'bgr';
  readonly layout: 'auto' | 'nchw' | 'nhwc';
  /** Pixels. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly resize?: 'squash' | 'letterbox';
  readonly interpolation?: Manifest['input']['interpolation'];
  readonly activation: 'auto' | 'none' | 'sigmoid';
  /** Name of the output. */
  readonly scores?: string;
  readonly enter?: number;
  readonly exit?: number;
  readonly name?: string;
  readonly modelVersion?: string;
  readonly licence?: string;
}

/** Something that the command line did not say, with what it was taken for and why. */
export type Guess = readonly [what: string, value: string];
