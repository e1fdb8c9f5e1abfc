import { FIELDS, MATERIALS, type MaterialName, byName } from './contract/kinds';
import type { UnsealResponse } from './contract/responses';
import type { UnsealRequest } from './contract/requests';
import { requireKind } from './invocation/actor';
import { wipe } from './contract/bytes';
import { recordContext } from './keys/record-context';
import { readEnv } from './invocation/settings';
import { openBytes } from './keys/envelope';
import { VaultError } from './contract/errors';
import { type ActorCall, actorHandler } from './invocation/handler';
import { DB_SETTINGS, createShareKey, createStore } from './invocation/parts';
import { readUnsealRequest } from './requests/requests';
import { waitForAll } from './invocation/settle';
import type { SealedRecord } from './store/store';
import { sealOutbound } from './transport/outbound';
import { type Recipient, readRecipient } from './transport/recipient';

function createParts() {
  const settings = readEnv(['environment', 'shareKeyArn', 'actors', ...DB_SETTINGS]);
  return { ...settings, shareKey: createShareKey(settings), store: createStore(settings) };
}
type Parts = ReturnType<typeof createParts>;

/** Returns a record's materials, each encrypted to the caller's one-time key, after the access log has the access. */
export const handler = actorHandler('unseal', createParts, async (event, call, parts): Promise<UnsealResponse> => {
  const request = readUnsealRequest(event);
  const recipient = readRecipient(request.recipient);
  requireKind(call.actor, request.kind);
  const caller = { actor: call.actor.name, requestId: call.requestId };
  const record = await parts.store.unseal(request, caller, call.deadline);
  const materials = await encryptMaterials(request, recipient, record, call, parts);
  const { recordId, publicKey, accessCount } = record;
  return { recordId, kind: request.kind, materials, ...(publicKey !== undefined && { publicKey }), accessCount };
});

async function encryptMaterials(
  request: UnsealRequest,
  recipient: Recipient,
  record: SealedRecord,
  call: ActorCall,
  parts: Parts,
): Promise<UnsealResponse['materials']> {
  const handOverNamed = (name: MaterialName) => encryptMaterial(name, request, recipient, record, call, parts);
  const { delegatedShare, walletApiKey } = byName(MATERIALS[request.kind], handOverNamed);
  await waitForAll([delegatedShare, walletApiKey]);
  return { delegatedShare: await delegatedShare, walletApiKey: await walletApiKey };
}

/**
 * Converts a material from its message to its transport. The context is built from the request's wallet and chain and the
 * row's other columns, never from the message: a row returned for another wallet does not open.
 */
async function encryptMaterial(
  name: MaterialName,
  request: UnsealRequest,
  recipient: Recipient,
  record: SealedRecord,
  call: ActorCall,
  parts: Parts,
): Promise<string> {
  const { environment, shareKey } = parts;
  const { walletId, chain, req } = request;
  const sealed = record.sealed[name];
  if (sealed === undefined) throw new VaultError('MessageCorrupt', `expected a sealed ${name} in the record, got none`);
  const context = recordContext({ ...record, environment, walletId, chain }, FIELDS[name]);
  const material = await openBytes(sealed, context, shareKey, call.deadline.signal);
  try {
    const header = { env: environment, record: record.recordId, field: FIELDS[name], walletId, chain, req };
    return sealOutbound(material, recipient, header);
  } finally {
    wipe(material);
  }
}
