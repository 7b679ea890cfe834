import { type ReadonlySignal, signal } from '@preact/signals';
import type { Span } from '../report-data.js';

const SHORTEST_MS = 500;

/** The part of a timeline that is in view: never beyond its ends, never shorter than half a second of it. */
export class ViewRange {
  readonly #lengthMs: number;
  readonly #range;

  constructor(lengthMs: number) {
    this.#lengthMs = Math.max(1, lengthMs);
    this.#range = signal<Span>({ startMs: 0, endMs: this.#lengthMs });
  }

  get range(): ReadonlySignal<Span> {
    return this.#range;
  }

  get lengthMs(): number {
    return this.#lengthMs;
  }

  get isWhole(): boolean {
    const { startMs, endMs } = this.#range.value;
    return startMs <= 0 && endMs >= this.#lengthMs;
  }

  /** Shows a span, or as much of it as there is. */
  show(startMs: number, endMs: number): void {
    const width = clamp(endMs - startMs, Math.min(SHORTEST_MS, this.#lengthMs), this.#lengthMs);
    const start = clamp((startMs + endMs - width) / 2, 0, this.#lengthMs - width);
    const before = this.#range.peek();
    if (start !== before.startMs || start + width !== before.endMs)
      this.#range.value = { startMs: start, endMs: start + width };
  }

  /** Below 1 comes closer; what lies at `aroundMs` stays where it is. */
  zoom(factor: number, aroundMs = this.#middleMs()): void {
    const { startMs, endMs } = this.#range.peek();
    const width = clamp((endMs - startMs) * factor, Math.min(SHORTEST_MS, this.#lengthMs), this.#lengthMs);
    const start = aroundMs - ((aroundMs - startMs) / (endMs - startMs)) * width;
    const from = clamp(start, 0, this.#lengthMs - width);
    this.show(from, from + width);
  }

  pan(byMs: number): void {
    const { startMs, endMs } = this.#range.peek();
    const by = clamp(byMs, -startMs, this.#lengthMs - endMs);
    this.show(startMs + by, endMs + by);
  }

  fit(): void {
    this.show(0, this.#lengthMs);
  }

  /** Moves only if the span is out of view, and comes no closer; a longer one is shown whole, with a margin. */
  reveal({ startMs, endMs }: Span): void {
    const view = this.#range.peek();
    const width = view.endMs - view.startMs;
    if (startMs >= view.startMs && endMs <= view.endMs) return;
    const wanted = Math.max(width, (endMs - startMs) * 1.2);
    const middle = (startMs + endMs) / 2;
    this.show(middle - wanted / 2, middle + wanted / 2);
  }

  #middleMs(): number {
    const { startMs, endMs } = this.#range.peek();
    return (startMs + endMs) / 2;
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
