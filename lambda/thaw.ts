import type { FreezesResponse, ThawResponse } from './contract/freezes';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS } from './invocation/record-store';
import { createFreezes } from './invocation/freezes';
import { readEnv } from './invocation/settings';
import { readThawRequest } from './requests/freezes';

function createParts() {
  const settings = readEnv(['environment', 'actors', ...DB_SETTINGS]);
  return { ...settings, freezes: createFreezes(settings) };
}

/** Confirms a request to thaw that another actor made in the last 15 minutes. It can neither freeze nor ask. */
export const handler = actorHandler(
  'thaw',
  createParts,
  async (event, call, { freezes }): Promise<ThawResponse | FreezesResponse> => {
    const request = readThawRequest(event);
    if (request.action === 'list') return { freezes: await freezes.list(call.deadline) };
    const caller = { actor: call.actor.name, requestId: call.requestId };
    return freezes.confirmThaw(request.freezeId, caller, call.deadline);
  },
);
