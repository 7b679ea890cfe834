import { timelineLayout } from './timeline-layout.js';
import type { ViewRange } from './view-range.js';
import { toWheelTurn, type WheelTurn } from './wheel-turn.js';

const DRAG_FROM_PX = 4;
const LINE_PX = 16;

/** What a timeline is told: where the pointer is, in CSS pixels of the element, and what it clicked. */
export interface TimelineListener {
  point(ms: number, x: number, y: number): void;
  leave(event: PointerEvent): void;
  click(ms: number, y: number): void;
  /** Whether a plain wheel over that place is wanted for scrolling rows. */
  scrollsAt(y: number): boolean;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Makes wheel, pinch, drag and click on an element move a view; returns what undoes it. */
export function followGestures(
  element: HTMLElement,
  view: ViewRange,
  listener: TimelineListener,
): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const fingers = new Map<number, Place>();
  let moved = 0;

  const toPlace = (event: MouseEvent): Place => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const msPerPx = () => {
    const { startMs, endMs } = view.range.peek();
    return (endMs - startMs) / Math.max(1, element.clientWidth - 2 * timelineLayout.peek().insetPx);
  };
  const toMs = (x: number) => view.range.peek().startMs + (x - timelineLayout.peek().insetPx) * msPerPx();

  const decideTurn = (event: WheelEvent, y: number): WheelTurn => {
    if (event.ctrlKey || event.metaKey) return 'zoom';
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) return 'pan';
    return listener.scrollsAt(y) || (event.deltaY > 0 && view.isWhole) ? 'page' : 'zoom';
  };
  const turnWheel = (event: WheelEvent) => {
    const { x, y } = toPlace(event);
    const turn = toWheelTurn(() => decideTurn(event, y));
    if (turn === 'page') return;
    event.preventDefault();
    const scale = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PX;
    // A pinch on a touchpad arrives as a wheel with ctrl, in small steps.
    if (turn === 'zoom')
      view.zoom(Math.exp(event.deltaY * scale * (event.ctrlKey ? 0.008 : 0.0018)), toMs(x));
    else view.pan((event.deltaX || event.deltaY) * scale * msPerPx());
    listener.point(toMs(x), x, y);
  };

  const press = (event: PointerEvent) => {
    if (event.button !== 0) return;
    if (fingers.size === 0) moved = 0;
    fingers.set(event.pointerId, toPlace(event));
  };
  const move = (event: PointerEvent) => {
    const place = toPlace(event);
    const before = fingers.get(event.pointerId);
    if (before === undefined) {
      if (event.pointerType !== 'touch') listener.point(toMs(place.x), place.x, place.y);
      return;
    }
    if (fingers.size === 1) drag(event, before, place);
    else pinch(event.pointerId, before, place);
  };
  const drag = (event: PointerEvent, before: Place, place: Place) => {
    moved += Math.abs(place.x - before.x) + Math.abs(place.y - before.y);
    if (moved >= DRAG_FROM_PX) {
      if (!element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId);
      element.dataset.dragged = '';
      view.pan((before.x - place.x) * msPerPx());
    }
    fingers.set(event.pointerId, place);
  };
  const pinch = (id: number, before: Place, place: Place) => {
    const other = [...fingers].find(([one]) => one !== id)?.[1];
    moved = DRAG_FROM_PX;
    fingers.set(id, place);
    if (other === undefined) return;
    const [was, is] = [Math.abs(before.x - other.x), Math.abs(place.x - other.x)];
    const around = toMs((before.x + other.x) / 2);
    if (was > 1 && is > 1) view.zoom(was / is, around);
    view.pan(((before.x - place.x) / 2) * msPerPx());
  };
  const release = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size === 0) delete element.dataset.dragged;
    const { x, y } = toPlace(event);
    if (event.type === 'pointerup' && moved < DRAG_FROM_PX && fingers.size === 0) {
      listener.point(toMs(x), x, y);
      listener.click(toMs(x), y);
    }
  };

  element.addEventListener('wheel', turnWheel, { passive: false, signal });
  element.addEventListener('pointerdown', press, { signal });
  element.addEventListener('pointermove', move, { signal });
  element.addEventListener('pointerup', release, { signal });
  element.addEventListener('pointercancel', release, { signal });
  element.addEventListener('pointerleave', (event) => listener.leave(event), { signal });
  return () => stop.abort();
}
