// Prints each segment once it is over, and goes on where it stopped: node segments.mjs [HOST:PORT]
import { readSegments } from 'labelcast/consume';

const [brokers = 'localhost:9092'] = process.argv.slice(2);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());

const segments = readSegments(
  {
    kafka: { brokers: brokers.split(',') },
    group: 'example-segments', // the brokers store how far it is, each time the loop asks for the next one
    from: 'beginning',
    onFinding: ({ kind, streamId, from, to }) => console.error(`${streamId}: ${kind} ${from}-${to}`),
    onTrouble: (error) => console.error(error.message),
  },
  stop.signal,
);
for await (const { endReason, streamId, label, startMs, endMs, score } of segments) {
  if (endReason === null) continue; // it is still open, and comes again
  console.log([streamId, label, startMs, endMs, score.peak, endReason].join('\t'));
}
