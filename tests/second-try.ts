import { jest } from '@jest/globals';

/** Loaded by `npm test` before each file: a test that fails is tried once more, and the run names those that then passed. */
jest.retryTimes(1, { logErrorsBeforeRetry: true });
