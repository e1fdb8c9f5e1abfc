import type { FreezeResponse, FreezesResponse, RequestThawResponse } from './contract/freezes';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS } from './invocation/record-store';
import { createFreezes } from './invocation/freezes';
import { readEnv } from './invocation/settings';
import { readFreezeRequest } from './requests/freezes';

function createParts() {
  const settings = readEnv(['environment', 'actors', ...DB_SETTINGS]);
  return { ...settings, freezes: createFreezes(settings) };
}

/** Freezes: nothing that the freeze names is opened from the next call on. Asks to thaw, which another actor confirms. */
export const handler = actorHandler(
  'freeze',
  createParts,
  async (event, call, { freezes }): Promise<FreezeResponse | RequestThawResponse | FreezesResponse> => {
    const request = readFreezeRequest(event);
    const caller = { actor: call.actor.name, requestId: call.requestId };
    switch (request.action) {
      case 'freeze':
        return freezes.freeze(request.freeze, request.reason, caller, call.deadline);
      case 'request-thaw':
        return freezes.requestThaw(request.freezeId, request.reason, caller, call.deadline);
      case 'list':
        return { freezes: await freezes.list(call.deadline) };
    }
  },
);
