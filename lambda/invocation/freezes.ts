import { PostgresFreezes } from '../store/freezes';
import { type DbSettings, createStore } from './record-store';

/** The freezes of the vault, through the process's connection to the database. */
export function createFreezes(settings: DbSettings): PostgresFreezes {
  return new PostgresFreezes(createStore(settings).session);
}
