import type { FreezesResponse } from '../contract/freezes';
import { PostgresFreezes } from '../store/freezes';
import type { ActorCall } from './handler';
import { type DbSettings, createStore } from './record-store';

/** The freezes of the vault, through the process's connection to the database. */
export function createFreezes(settings: DbSettings): PostgresFreezes {
  return new PostgresFreezes(createStore(settings).session);
}

/**
 * Counts a list without freezes in force. One with some changes nothing, and the alarm takes the greatest number of a minute:
 * it would outweigh the 0 of a thaw right after it.
 */
export function noteList({ inForce }: FreezesResponse, call: Pick<ActorCall, 'noteFreezes'>): void {
  if (inForce === 0) call.noteFreezes({ frozen: 0 });
}
