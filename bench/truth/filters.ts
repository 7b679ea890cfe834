import type { Effect } from './effects.js';
import { type ClipPlan, FPS, type Motion, type Shot } from './plan.js';
import { effectsOf } from './timing.js';

export const WIDTH = 640;
export const HEIGHT = 360;

/** The filter graph from the photos of a clip, one input for each shot, to the frames that are encoded, `[out]`. */
export function toFilterGraph(plan: ClipPlan): string {
  const { shots } = plan;
  const chains = shots.map((shot, n) => toShotChain(shot, shots[n + 1], n));
  const joins = shots.slice(1).map((shot, n) => {
    const before = n === 0 ? '[shot0]' : `[joined${n}]`;
    return `${before}[shot${n + 1}]${toJoin(shot)}[joined${n + 1}]`;
  });
  const joined = shots.length === 1 ? '[shot0]' : `[joined${shots.length - 1}]`;
  const noise = `noise=alls=${plan.grain}:allf=t`;
  return [...chains, ...joins, `${joined}${noise},select='not(${toDropped(plan)})'[out]`].join(';\n');
}

/** Frames of a shot that are mixed with those of the shot before it, of either of them. */
function mixedBefore(shot: Shot | undefined): number {
  return shot?.entry.kind === 'cross-fade' ? shot.entry.frames / 2 : 0;
}

function toJoin({ entry, startFrame }: Shot): string {
  if (entry.kind !== 'cross-fade') return `concat=n=2:v=1,settb=1/${FPS}`;
  const offset = (startFrame - entry.frames / 2) / FPS;
  return `xfade=transition=fade:duration=${entry.frames / FPS}:offset=${offset}`;
}

function toShotChain(shot: Shot, next: Shot | undefined, n: number): string {
  const firstFrame = shot.startFrame - mixedBefore(shot);
  const frames = shot.endFrame + mixedBefore(next) - firstFrame;
  const effects = shot.effects.map((effect) => ({
    ...effect,
    startFrame: effect.startFrame - firstFrame,
    endFrame: effect.endFrame - firstFrame,
  }));
  const { zoom: from } = shot.motion.from;
  const isZooming = from !== shot.motion.to.zoom;
  const plate = toPlate(isZooming ? Math.max(from, shot.motion.to.zoom) : from, n);
  const still = `loop=loop=-1:size=1,setpts=N/${FPS}/TB,fps=${FPS},settb=1/${FPS}`;
  const camera = toCamera(shot.motion, isZooming);
  const fades = [
    ...(shot.entry.kind === 'fade' ? [`fade=in:0:${shot.entry.frames / 2}`] : []),
    ...(next?.entry.kind === 'fade'
      ? [`fade=out:${frames - next.entry.frames / 2}:${next.entry.frames / 2}`]
      : []),
  ];
  const own = effects.map((effect, e) => toEffect(effect, `${n}e${e}`)).filter((text) => text !== '');
  return [
    plate,
    still,
    camera,
    ...own,
    ...fades,
    `trim=end_frame=${frames},setsar=1,format=yuv420p[shot${n}]`,
  ].join(',');
}

/** The whole photo, `zoom` times as large as the frame, over a dim and blurred copy that fills what it leaves free. */
function toPlate(zoom: number, n: number): string {
  const size = `${even(WIDTH * zoom)}:${even(HEIGHT * zoom)}`;
  const scale = `scale=${size}:flags=bicubic:in_range=full:out_range=tv`;
  const fill = `${scale}:force_original_aspect_ratio=increase,crop=${size},format=yuv420p`;
  return [
    `[${n}:v]split[a${n}][b${n}]`,
    `[a${n}]${fill},gblur=sigma=24,lutyuv=y='16+(val-16)*0.6'[under${n}]`,
    `[b${n}]${scale}:force_original_aspect_ratio=decrease,format=yuv420p[over${n}]`,
    `[under${n}][over${n}]overlay=(W-w)/2:(H-h)/2`,
  ].join(';');
}

function even(length: number): number {
  return 2 * Math.round(length / 2);
}

/** A window of the frame's size over the plate, which is scaled anew for each frame where the camera zooms. */
function toCamera({ frames, from, to }: Motion, isZooming: boolean): string {
  const share = `(0.5-0.5*cos(PI*n/${frames}))`;
  const mix = (a: number, b: number): string => (a === b ? `${a}` : `(${a}+${b - a}*${share})`);
  const zoom = mix(from.zoom, to.zoom);
  const side = (length: number): string => `2*round(${length / 2}*${zoom})`;
  const scale = `scale=w='${side(WIDTH)}':h='${side(HEIGHT)}':eval=frame:flags=bilinear,`;
  const at = (length: number, a: number, b: number): string => `'(${side(length)}-${length})*${mix(a, b)}'`;
  const x = at(WIDTH, from.across, to.across);
  const y = at(HEIGHT, from.down, to.down);
  return `${isZooming ? scale : ''}crop=${WIDTH}:${HEIGHT}:${x}:${y}`;
}

function toEffect({ kind, startFrame, endFrame, amount }: Effect, id: string): string {
  const enable = `enable='gte(n,${startFrame})*lt(n,${endFrame})'`;
  switch (kind) {
    case 'blur':
      return `gblur=sigma=${amount}:${enable}`;
    case 'exposure':
      return `lutyuv=y='clip(16+(val-16)*${amount},16,235)':u='128+(val-128)*${amount}':v='128+(val-128)*${amount}':${enable}`;
    case 'noise':
      return `noise=alls=${amount}:allf=t:${enable}`;
    case 'freeze':
      // its other frames are taken out, and fps fills the place with the one before
      return `select='not(gt(n,${startFrame})*lt(n,${endFrame}))',fps=${FPS},settb=1/${FPS}`;
    case 'occlusion':
      return toOcclusion({ startFrame, endFrame, amount }, { enable, id });
    case 'stutter':
    case 'missing':
    case 'damaged':
      return ''; // of the whole clip
  }
}

/** A box as high as the frame passes from the left to the right. */
function toOcclusion(
  { startFrame, endFrame, amount }: Omit<Effect, 'kind'>,
  { enable, id }: { readonly enable: string; readonly id: string },
): string {
  const width = even(WIDTH * amount);
  const x = `(n-${startFrame})/${endFrame - startFrame}*(W+w)-w`;
  const box = `color=c=0x3c4650:s=${width}x${HEIGHT}:r=${FPS}:d=0.04,format=yuv420p[box${id}]`;
  return `null[seen${id}];${box};[seen${id}][box${id}]overlay=x='${x}':y=0:${enable}`;
}

/** Whether frame `n` is left out. */
function toDropped(plan: ClipPlan): string {
  const inside = ({ startFrame, endFrame }: Effect): string => `gte(n,${startFrame})*lt(n,${endFrame})`;
  const stutters = effectsOf(plan, 'stutter').map(
    (one) => `${inside(one)}*mod(n-${one.startFrame},${one.amount})`,
  );
  return ['0', ...effectsOf(plan, 'missing').map(inside), ...stutters].join('+');
}
