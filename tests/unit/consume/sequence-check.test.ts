import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  MAX_STREAMS,
  type NumberedEvent,
  SequenceCheck,
  type SequenceFinding,
} from '../../../src/consume/sequence-check.js';

function event(sequence: number, rest: Partial<NumberedEvent> = {}): NumberedEvent {
  const epoch = rest.epoch ?? 'e1';
  return { id: `${epoch}-${sequence}`, streamId: 'gate', epoch, sequence, ...rest };
}

function findings(events: readonly NumberedEvent[]): string[] {
  const check = new SequenceCheck();
  return events.flatMap((one) => check.check(one)).map(toText);
}

function toText({ kind, streamId, epoch, from, to }: SequenceFinding): string {
  return `${kind} ${streamId} ${epoch} ${from}-${to}`;
}

test('numbers in order say nothing, wherever reading begins', () => {
  expect(findings([1, 2, 3].map((n) => event(n)))).toEqual([]);
  expect(findings([41, 42].map((n) => event(n)))).toEqual([]);
});

test('a hole is a gap, told once with its ends', () => {
  expect(findings([1, 2, 6, 7, 9].map((n) => event(n)))).toEqual([
    'missing gate e1 3-5',
    'missing gate e1 8-8',
  ]);
});

test('an event that comes again is a repeat, also a whole batch, and is no gap after', () => {
  expect(findings([1, 2, 3, 2, 3, 4].map((n) => event(n)))).toEqual([
    'repeat gate e1 2-2',
    'repeat gate e1 3-3',
  ]);
});

test('a missing number that comes after all is late, once', () => {
  expect(findings([1, 5, 3, 3].map((n) => event(n)))).toEqual([
    'missing gate e1 2-4',
    'late gate e1 3-3',
    'repeat gate e1 3-3',
  ]);
});

test('a number taken by another event is a conflict', () => {
  expect(findings([event(1), event(2), event(2, { id: 'other' })])).toEqual(['conflict gate e1 2-2']);
});

test('streams and epochs are counted apart, and an old batch that comes again closes nothing', () => {
  const newer = (n: number) => event(n, { epoch: 'e2' });
  expect(
    findings([event(1), event(1, { streamId: 'door' }), event(2), newer(1), event(2), newer(2)]),
  ).toEqual(['repeat gate e1 2-2']);
});

test('an epoch that begins in the middle, after an older one was seen, lacks its beginning', () => {
  expect(findings([event(1), event(3, { epoch: 'e2' })])).toEqual(['missing gate e2 1-2']);
});

test('the end of the epoch before is missing when the new one says that it went on', () => {
  const first = event(1, { epoch: 'e2', previous: { epoch: 'e1', sequence: 5 } });
  expect(findings([event(2), first])).toEqual(['missing gate e1 3-5']);
  expect(findings([event(5), first])).toEqual([]);
  expect(findings([first])).toEqual([]);
});

test('of more streams than it remembers, the one that has not come for longest begins anew', () => {
  const crowd = Array.from({ length: MAX_STREAMS - 1 }, (_, n) => event(1, { streamId: `other-${n}` }));
  const late = event(5, { streamId: 'late' });
  expect(findings([event(1), late, ...crowd.slice(1), event(4)])).toEqual(['missing gate e1 2-3']);
  expect(findings([event(1), late, ...crowd, event(4)])).toEqual([]);
  // seen again in between, it is not the oldest
  expect(findings([event(1), late, ...crowd.slice(1), event(2), crowd[0]!, event(4)])).toEqual([
    'missing gate e1 3-3',
  ]);
});

test('any loss in the middle is found exactly', () => {
  const lost = fc.uniqueArray(fc.integer({ min: 2, max: 49 }));
  fc.assert(
    fc.property(lost, (missing) => {
      const kept = Array.from({ length: 50 }, (_, n) => n + 1).filter((n) => !missing.includes(n));
      const check = new SequenceCheck();
      const found = kept.flatMap((n) => check.check(event(n)));
      const numbers = found.flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, n) => from + n),
      );
      expect(numbers).toEqual([...missing].sort((a, b) => a - b));
    }),
  );
});

test('what is read from the first lacks its beginning and end, and no stream or epoch is forgotten', () => {
  const check = new SequenceCheck('from the first');
  const whole = Array.from({ length: MAX_STREAMS + 1 }, (_, n) => event(1, { streamId: `s${n}` }));
  const epochs = Array.from({ length: 40 }, (_, n) => event(1, { epoch: `e${n}` }));
  for (const one of [...whole, ...epochs]) expect(check.check(one)).toEqual([]);
  for (const { streamId, epoch } of [...whole, ...epochs]) expect(check.end(streamId, epoch, 1)).toEqual([]);
  expect(check.check(event(3, { streamId: 'late' })).map(toText)).toEqual(['missing late e1 1-2']);
  expect(check.end('late', 'e1', 5).map(toText)).toEqual(['missing late e1 4-5']);
  expect(check.end('never', 'e1', 2).map(toText)).toEqual(['missing never e1 1-2']);
});
