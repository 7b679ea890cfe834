// Preloaded into the measured process (`node --import`): its event-loop delay and memory, written to a file at exit.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const SAMPLE_MS = 100;
const report = process.env['LABELCAST_BENCH_PROBE'];

// Children inherit the preload by way of execArgv; only the process that was asked for is measured.
if (isMainThread && report !== undefined && process.send === undefined) {
  delete process.env['LABELCAST_BENCH_PROBE'];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const rssMiB: number[] = [];
  const timer = setInterval(() => rssMiB.push(Math.round(process.memoryUsage.rss() / 2 ** 20)), SAMPLE_MS);
  timer.unref();
  // Module loading at start is one long synchronous stretch; full speed begins after it.
  setTimeout(() => delay.enable(), 1000).unref();
  process.on('exit', () => {
    const p99DelayMs = Math.max(0, delay.percentile(99) / 1e6 - 1);
    writeFileSync(report, JSON.stringify({ p99DelayMs, maxDelayMs: delay.max / 1e6, rssMiB }));
  });
}
