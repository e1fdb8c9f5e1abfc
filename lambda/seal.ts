import { createHash, randomUUID } from 'node:crypto';
import { FIELDS, MATERIALS } from './contract/kinds';
import type { SealResponse } from './contract/responses';
import type { SealRequest } from './contract/requests';
import { requireKind } from './invocation/actor';
import { wipe } from './contract/bytes';
import { type Binding, recordContext } from './keys/record-context';
import { readEnv } from './invocation/settings';
import { sealBytes } from './keys/envelope';
import { VaultError } from './contract/errors';
import { type ActorCall, actorHandler } from './invocation/handler';
import { DB_SETTINGS, createIntakeKeys, createShareKey, createStore } from './invocation/parts';
import { readSealRequest } from './requests/requests';
import { waitForAll } from './invocation/settle';
import type { NewRecord } from './store/store';
import { openInbound } from './transport/inbound';

function createParts() {
  const settings = readEnv(['environment', 'shareKeyArn', 'intakeKeys', 'actors', ...DB_SETTINGS]);
  return {
    ...settings,
    shareKey: createShareKey(settings),
    intake: createIntakeKeys(settings),
    store: createStore(settings),
  };
}
type Parts = ReturnType<typeof createParts>;

/** Opens materials that are encrypted to the intake key, seals each under its own data key, and stores the record. */
export const handler = actorHandler('seal', createParts, async (event, call, parts): Promise<SealResponse> => {
  const request = readSealRequest(event);
  requireKind(call.actor, request.kind);
  const record = await sealRecord(request, call, parts);
  const stored = await parts.store.seal(record, { actor: call.actor.name, requestId: call.requestId }, call.deadline);
  return { ...stored, createdAt: stored.createdAt.toISOString() };
});

async function sealRecord(request: SealRequest, call: ActorCall, parts: Parts): Promise<NewRecord> {
  const binding = bindingOf(request, parts.environment);
  const names = MATERIALS[request.kind];
  const sealed = await waitForAll(names.map((name) => sealMaterial(name, request, binding, call, parts)));
  return {
    ...request,
    recordId: binding.recordId,
    propertiesSha256: binding.propertiesSha256,
    keyId: parts.shareKeyArn,
    sealed: Object.fromEntries(names.map((name, i) => [name, sealed[i]?.message])),
    transportIds: distinct(sealed.map(({ transportId }) => transportId)),
  };
}

function bindingOf(request: SealRequest, environment: string): Binding {
  const { userId, walletId, chain, publicKey, shareSetId, walletProperties } = request;
  const propertiesSha256 =
    walletProperties === undefined ? undefined : createHash('sha256').update(walletProperties, 'utf8').digest();
  return { environment, recordId: randomUUID(), userId, walletId, chain, publicKey, shareSetId, propertiesSha256 };
}

/** Converts a material from its transport to its message; in between it exists in one buffer, which is wiped. */
async function sealMaterial(
  name: keyof SealRequest['materials'],
  request: SealRequest,
  binding: Binding,
  call: ActorCall,
  parts: Parts,
): Promise<{ readonly message: Buffer; readonly transportId: string }> {
  const { kind, walletId, chain, userId = '' } = request;
  const field = FIELDS[name];
  const expected = { env: parts.environment, kind, field, walletId, userId, chain };
  const { signal } = call.deadline;
  const inbound = await openInbound(request.materials[name], expected, parts.intake, Date.now(), signal);
  try {
    const message = await sealBytes(inbound.material, recordContext(binding, field), parts.shareKey, signal);
    return { message, transportId: inbound.transportId };
  } finally {
    wipe(inbound.material);
  }
}

function distinct(transportIds: readonly string[]): readonly string[] {
  if (new Set(transportIds).size === transportIds.length) return transportIds;
  throw new VaultError('TransportRejected', 'expected a jti of its own in each transport, got one twice');
}
