import { type Effect, planEffects, planHole } from './effects.js';
import type { Photo, PhotoSet } from './photos.js';
import { createRandom, type Random } from '../../src/calibrate/random.js';

/** Pictures per second; all times of a plan are counted in them. */
export const FPS = 25;

/** How a shot begins: at once, mixed with the one before, or out of black after it. */
export interface Entry {
  readonly kind: 'cut' | 'cross-fade' | 'fade';
  /** An even number, half before the shot's first frame and half after; 0: a cut. */
  readonly frames: number;
}

/** What the camera does: from one view to the other and back, `frames` for each way. Views are shares of what is free. */
export interface Motion {
  readonly frames: number;
  readonly from: View;
  readonly to: View;
}

/** `zoom`: 1 shows all of the photo, 1.25 four fifths of either side. */
export interface View {
  readonly zoom: number;
  readonly across: number;
  readonly down: number;
}

/** One photo on show, from its first frame to before its last. */
export interface Shot {
  readonly photo: Photo;
  readonly startFrame: number;
  readonly endFrame: number;
  readonly entry: Entry;
  readonly motion: Motion;
  readonly effects: readonly Effect[];
}

/** Everything that is seen in a clip. */
export interface ClipPlan {
  readonly name: string;
  readonly frames: number;
  /** What the encoder may take. */
  readonly kbps: number;
  /** Strength of the sensor's noise. */
  readonly grain: number;
  readonly shots: readonly Shot[];
}

export interface PlanOptions {
  readonly seed: number;
  readonly set: PhotoSet;
  readonly clips: number;
  /** A clip lasts this long at least, up to the end of its last shot. */
  readonly seconds: number;
  /** No shot lasts longer; in seconds, from 2 on. */
  readonly longest?: number;
}

export const MIN_SHOT_SECONDS = 2;
export const MAX_SHOT_SECONDS = 120;
/** So that a clip has several shots. */
const MAX_SHOT_SHARE = 1 / 3;
const RETURN_SHARE = 0.25;
/** Few COCO photos lack a person, so that without this one would be there nearly always. */
const EMPTY_SHARE = 0.4;
const COCO_SHARE = 0.8;

/**
 * The clips of a set: the same seed and photos give the same, and more clips begin with the same. Shots are as long as each
 * ratio between 2 and 120 s (a third of the clip, if that is less) is likely. A photo comes in one clip only, as long as there
 * are others, but may come back within it.
 */
export function planClips(
  photos: readonly Photo[],
  { seed, set, clips, seconds, longest = MAX_SHOT_SECONDS }: PlanOptions,
): ClipPlan[] {
  const deck = createDeck(
    photos.filter((photo) => photo.set === set),
    createRandom(seed, set),
  );
  return Array.from({ length: clips }, (_, n) => {
    const name = `${set}-${String(n + 1).padStart(2, '0')}`;
    return planClip(name, { random: createRandom(seed, name), deck, seconds, longest });
  });
}

/** Seconds of a shot in a clip of this length. */
export function drawShotSeconds(random: Random, clipSeconds: number, longest = MAX_SHOT_SECONDS): number {
  return random.logBetween(MIN_SHOT_SECONDS, Math.min(longest, clipSeconds * MAX_SHOT_SHARE));
}

interface ClipOptions {
  readonly random: Random;
  readonly deck: (random: Random) => Photo;
  readonly seconds: number;
  readonly longest: number;
}

function planClip(name: string, { random, deck, seconds, longest }: ClipOptions): ClipPlan {
  const shown: Photo[] = [];
  const bare: Shot[] = [];
  let startFrame = 0;
  while (startFrame < seconds * FPS) {
    const last = shown.at(-1);
    const old = [...new Set(shown)].filter((photo) => photo !== last);
    const photo = old.length > 0 && random.chance(RETURN_SHARE) ? random.pick(old) : deck(random);
    const endFrame = startFrame + Math.round(drawShotSeconds(random, seconds, longest) * FPS);
    const entry = startFrame === 0 ? CUT : drawEntry(random);
    bare.push({ photo, startFrame, endFrame, entry, motion: drawMotion(random), effects: [] });
    shown.push(photo);
    startFrame = endFrame;
  }
  const hole = planHole(random, bare);
  const shots = bare.map((shot, n) => ({
    ...shot,
    effects: planEffects(random, shot, n === hole?.shot ? hole.effect : null),
  }));
  const kbps = Math.round(random.logBetween(120, 500));
  return { name, frames: startFrame, kbps, grain: random.whole(2, 12), shots };
}

const CUT: Entry = { kind: 'cut', frames: 0 };

function drawEntry(random: Random): Entry {
  const kind = random.pick(['cut', 'cut', 'cross-fade', 'fade'] as const);
  return kind === 'cut' ? CUT : { kind, frames: 2 * random.whole(4, 16) };
}

function drawMotion(random: Random): Motion {
  const frames = Math.round(random.logBetween(4, 20) * FPS);
  const from = drawView(random);
  const to = drawView(random);
  const kind = random.pick(['still', 'pan', 'zoom'] as const);
  if (kind === 'still') return { frames, from, to: from };
  return { frames, from, to: kind === 'pan' ? { ...to, zoom: from.zoom } : to };
}

function drawView(random: Random): View {
  const share = (): number => Math.round(random.between(0, 1) * 100) / 100;
  return { zoom: Math.round(random.between(1.12, 1.25) * 100) / 100, across: share(), down: share() };
}

/** Deals the photos in another order, each kind of them by its share, and anew when a kind is used up. */
function createDeck(photos: readonly Photo[], order: Random): (random: Random) => Photo {
  const isVoc = ({ file }: Photo): boolean => file.startsWith('voc/');
  const isEmpty = ({ positives }: Photo): boolean => !positives.includes('person');
  const piles = new Map<string, Photo[]>();
  const all = order.shuffle(photos).filter(({ wrong }) => !wrong); // shuffled with them: other photos keep their places
  return (random) => {
    const voc = !random.chance(COCO_SHARE);
    const empty = random.chance(EMPTY_SHARE);
    const wanted = all.filter((photo) => isVoc(photo) === voc && isEmpty(photo) === empty);
    const kind = wanted.length === 0 ? 'any' : `${voc} ${empty}`;
    const pile = piles.get(kind) ?? [];
    if (pile.length === 0) pile.push(...(wanted.length === 0 ? all : wanted));
    piles.set(kind, pile);
    return pile.pop()!;
  };
}
