import { setTimeout as sleep } from 'node:timers/promises';

/** Waits, for a lock of another session for example. Rejects at the deadline. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal });
