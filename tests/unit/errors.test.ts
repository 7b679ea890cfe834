import { expect, test } from '@jest/globals';
import { ConfigError, IngestError, isLabelcastError } from '../../src/errors.js';

test('an ingest error carries its cause for events and its remedy for people', () => {
  const error = new IngestError('not-found', 'clip.mp4 does not exist', { remedy: 'check the path' });
  expect([error.name, error.streamCause, error.remedy, error.retryable]).toEqual([
    'IngestError',
    'not-found',
    'check the path',
    false,
  ]);
});

test('only our own errors count as errors for people', () => {
  expect([isLabelcastError(new ConfigError('bad', ['a: b'])), isLabelcastError(new TypeError('x'))]).toEqual([
    true,
    false,
  ]);
});
