import type { FreezeResponse, FreezeScope, FreezesResponse, RequestThawResponse } from './contract/freezes';
import { VaultError } from './contract/errors';
import { actorHandler } from './invocation/handler';
import { DB_SETTINGS } from './invocation/record-store';
import { createFreezes, noteList } from './invocation/freezes';
import { readEnv } from './invocation/settings';
import { readFreezeRequest } from './requests/freezes';

function createParts() {
  const settings = readEnv(['environment', 'actors', 'unsealActors', ...DB_SETTINGS]);
  return { ...settings, freezes: createFreezes(settings) };
}

/** Freezes: nothing that the freeze names is opened from the next call on. Requests a thaw, which another actor confirms. */
export const handler = actorHandler(
  'freeze',
  createParts,
  async (event, call, { freezes, unsealActors }): Promise<FreezeResponse | RequestThawResponse | FreezesResponse> => {
    const request = readFreezeRequest(event);
    const caller = { actor: call.actor.name, requestId: call.requestId };
    switch (request.action) {
      case 'freeze': {
        requireUnsealActor(request.freeze, unsealActors);
        const frozen = await freezes.freeze(request.freeze, request.reason, caller, call.deadline);
        call.noteFreezes({ frozen: frozen.inForce });
        return frozen;
      }
      case 'request-thaw': {
        const { freezeId, reason } = request;
        const requested = await freezes.requestThaw(freezeId, reason, caller, call.deadline);
        // in one minute with a confirmation it would outweigh the confirmation's 0
        call.noteFreezes({ thaw: 'requested' });
        return requested;
      }
      case 'list': {
        const list = await freezes.list(call.deadline);
        noteList(list, call);
        return list;
      }
    }
  },
);

/** Throws for an actor that can't unseal: a freeze of a mistyped name would look like one and stop nothing. */
function requireUnsealActor(freeze: FreezeScope, unsealActors: readonly string[]): void {
  if (freeze.scope !== 'actor' || unsealActors.includes(freeze.name)) return;
  const known = unsealActors.join(', ') || 'none';
  throw new VaultError('InvalidRequest', `freeze.name: expected an actor that may unseal (${known}), got another`);
}
