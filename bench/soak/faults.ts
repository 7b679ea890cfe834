import { setTimeout as wait } from 'node:timers/promises';
import type { KafkaBroker } from '../../tests/services/kafka.js';
import type { RtspServer } from '../../tests/services/rtsp.js';
import { childrenOf, commandOf } from '../live/processes.js';

/** A time in which some streams could not be seen, milliseconds since 1970. */
export interface Blindness {
  readonly streams: readonly string[];
  readonly cause: 'camera' | 'service';
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the faults are done to. */
export interface Victims {
  readonly cameras: readonly { readonly server: RtspServer; readonly streams: readonly string[] }[];
  readonly broker: KafkaBroker;
  /** Process id of the service. */
  readonly servicePid: () => number;
  /** Ends the service by this signal and starts it again after a while. */
  readonly restartService: (signal: 'SIGTERM' | 'SIGKILL', downMs: number) => Promise<void>;
  readonly blind: (blindness: Blindness) => void;
}

/** Something that goes wrong; `strike` resolves when the cause is mended. */
export interface Fault {
  readonly name: string;
  readonly strike: (victims: Victims) => Promise<void>;
}

const CAMERA_DOWN_MS = 12_000;
/** Longer than a silent connection is borne. */
const CAMERA_STALL_MS = 15_000;
const BROKER_DOWN_MS = 10_000;
const BROKER_STALL_MS = 20_000;
const SHORT_STOP_MS = 2000;
/** Longer than open segments wait for the service to come back. */
const LONG_STOP_MS = 20_000;

function cameraKilled(which: number): Fault {
  return {
    name: `RTSP server ${which + 1} killed, back after ${CAMERA_DOWN_MS / 1000} s`,
    strike: async ({ cameras, blind }) => {
      const { server, streams } = cameras[which]!;
      await server.kill();
      const fromMs = Date.now();
      await wait(CAMERA_DOWN_MS);
      const toMs = Date.now();
      await server.restart();
      blind({ streams, cause: 'camera', fromMs, toMs });
    },
  };
}

function cameraStalled(which: number): Fault {
  return {
    name: `RTSP server ${which + 1} silent for ${CAMERA_STALL_MS / 1000} s (SIGSTOP)`,
    strike: async ({ cameras, blind }) => {
      const { server, streams } = cameras[which]!;
      server.freeze();
      const fromMs = Date.now();
      await wait(CAMERA_STALL_MS);
      const toMs = Date.now();
      server.thaw();
      blind({ streams, cause: 'camera', fromMs, toMs });
    },
  };
}

const taggerKilled: Fault = {
  name: 'tagger process killed',
  strike: async ({ servicePid }) => {
    const taggers = childrenOf(servicePid()).filter((pid) => commandOf(pid).includes('tagger-process'));
    if (taggers.length === 0) throw new Error('there is no tagger process to kill');
    for (const pid of taggers) process.kill(pid, 'SIGKILL');
  },
};

const brokerKilled: Fault = {
  name: `broker killed, started again after ${BROKER_DOWN_MS / 1000} s`,
  strike: async ({ broker }) => {
    await broker.kill('SIGKILL');
    await wait(BROKER_DOWN_MS);
    await broker.start();
    await broker.ready();
  },
};

const brokerStalled: Fault = {
  name: `broker silent for ${BROKER_STALL_MS / 1000} s (SIGSTOP)`,
  strike: async ({ broker }) => {
    await broker.kill('SIGSTOP');
    await wait(BROKER_STALL_MS);
    await broker.kill('SIGCONT');
  },
};

function serviceStopped(signal: 'SIGTERM' | 'SIGKILL', downMs: number): Fault {
  return {
    name: `labelcast stopped with ${signal}, started again after ${downMs / 1000} s`,
    strike: ({ restartService }) => restartService(signal, downMs),
  };
}

const CYCLE = [
  cameraKilled(0),
  brokerStalled,
  taggerKilled,
  cameraStalled(1),
  brokerKilled,
  cameraKilled(1),
  taggerKilled,
  cameraStalled(0),
];
/** Where in the soak the service itself is stopped: early and late, so that one run of it is long enough to show a leak. */
const STOPS = [
  { part: 0.07, fault: serviceStopped('SIGTERM', SHORT_STOP_MS) },
  { part: 0.13, fault: serviceStopped('SIGKILL', SHORT_STOP_MS) },
  { part: 0.86, fault: serviceStopped('SIGTERM', LONG_STOP_MS) },
  { part: 0.93, fault: serviceStopped('SIGKILL', SHORT_STOP_MS) },
];

/** The faults of a soak in their order; at least four. */
export function planFaults(count: number): Fault[] {
  const faults = Array.from({ length: count - STOPS.length }, (_, n) => CYCLE[n % CYCLE.length]!);
  for (const { part, fault } of STOPS) faults.splice(Math.floor(part * count), 0, fault);
  return faults;
}
