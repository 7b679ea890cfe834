import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram };

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Metrics named `labelcast_…` in a registry of their own, beside those of the process. */
export class MetricFamilies {
  readonly #registry = new Registry();
  /** Those with the label `stream`. */
  readonly #ofStreams: (Counter | Gauge)[] = [];

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name: `labelcast_${name}`, help, labelNames, registers: [this.#registry] });
  }

  /** `more`: labels beside `stream`. */
  streamCounter(name: string, help: string, ...more: readonly string[]): Counter {
    const counter = this.counter(name, help, ['stream', ...more]);
    this.#ofStreams.push(counter);
    return counter;
  }

  /** `collect`: sets it when it is asked for. */
  gauge(name: string, help: string, labelNames: readonly string[], collect?: (gauge: Gauge) => void): Gauge {
    const rest =
      collect === undefined
        ? {}
        : {
            collect(this: Gauge): void {
              collect(this);
            },
          };
    return new Gauge({ name: `labelcast_${name}`, help, labelNames, registers: [this.#registry], ...rest });
  }

  /** `more`: labels beside `stream`. */
  streamGauge(name: string, help: string, ...more: readonly string[]): Gauge {
    const gauge = this.gauge(name, help, ['stream', ...more]);
    this.#ofStreams.push(gauge);
    return gauge;
  }

  /** Of seconds, unless other buckets are given. */
  histogram(
    name: string,
    help: string,
    {
      buckets = SECONDS,
      labelNames = [],
    }: { buckets?: readonly number[]; labelNames?: readonly string[] } = {},
  ): Histogram {
    const registers = [this.#registry];
    return new Histogram({ name: `labelcast_${name}`, help, buckets: [...buckets], labelNames, registers });
  }

  /** Removes all series of a stream. */
  async removeStream(stream: string): Promise<void> {
    for (const metric of this.#ofStreams)
      for (const { labels } of (await metric.get()).values)
        if (labels['stream'] === stream) metric.remove(labels as Record<string, string>);
  }
}
