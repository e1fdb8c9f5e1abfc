import type { FreezesResponse, ThawResponse } from './contract/freezes';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS } from './invocation/record-store';
import { createFreezes, noteList } from './invocation/freezes';
import { readEnv } from './invocation/settings';
import { readThawRequest } from './requests/freezes';

function createParts() {
  const settings = readEnv(['environment', 'actors', ...DB_SETTINGS]);
  return { ...settings, freezes: createFreezes(settings) };
}

/** Confirms a thaw that another actor requested in the last 15 minutes. It can neither freeze nor request a thaw. */
export const handler = actorHandler(
  'thaw',
  createParts,
  async (event, call, { freezes }): Promise<ThawResponse | FreezesResponse> => {
    const request = readThawRequest(event);
    if (request.action === 'list') {
      const list = await freezes.list(call.deadline);
      noteList(list, call);
      return list;
    }
    const caller = { actor: call.actor.name, requestId: call.requestId };
    const thawed = await freezes.confirmThaw(request.freezeId, caller, call.deadline);
    call.noteFreezes({ frozen: thawed.inForce, thaw: 'confirmed' });
    return thawed;
  },
);
