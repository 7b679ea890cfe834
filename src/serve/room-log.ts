import type { Log } from '../log.js';
import type { RoomPatience } from '../publish/room-wait.js';

interface RoomLogOptions {
  readonly log: Log;
  /** What happens to the sources while nothing can be committed. */
  readonly meanwhile: string;
  /** Told why the journal takes nothing now; null: it does again. */
  readonly blocked: (why: string | null) => void;
}

/** Has a run wait for room on the disk of its journal until `signal` aborts, and tells people once that it does, and that it goes on. */
export function waitForRoom({ log, meanwhile, blocked }: RoomLogOptions, signal: AbortSignal): RoomPatience {
  return {
    signal,
    missing: ({ message }) => {
      blocked(message);
      log.error(`${message}; ${meanwhile} until there is room: free space there, and it goes on by itself`);
    },
    found: (waitedMs) => {
      blocked(null);
      log.warn(`the disk of the journal has room again after ${Math.ceil(waitedMs / 1000)} s: going on`);
    },
  };
}
