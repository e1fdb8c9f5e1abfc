import { createHash, randomUUID } from 'node:crypto';
import { FIELDS, MATERIALS, type MaterialName } from './contract/kinds';
import type { ReplacePropertiesResponse, SealBatchResponse, SealResponse } from './contract/responses';
import type { ReplacePropertiesRequest, SealRequest } from './contract/requests';
import { requireKind } from './invocation/actor';
import { eachItem, inPlaces, successes } from './invocation/batch';
import { type Binding, recordContext } from './keys/record-context';
import { readEnv } from './invocation/settings';
import { type Sealed, materialOfAll, sealOpening } from './keys/envelope';
import { VaultError } from './contract/errors';
import { type ActorCall, actorHandler } from './invocation/handler';
import { createIntakeKeys } from './invocation/parts';
import { DB_SETTINGS, createStore } from './invocation/record-store';
import { SHARE_KEY_SETTINGS, createShareKey } from './invocation/share-key';
import { hasBackupInfo } from './requests/backup-info';
import { hasMember, readReplacePropertiesRequest, readSealBatchRequest, readSealRequest } from './requests/requests';
import { waitForAll } from './invocation/settle';
import type { Caller, NewRecord, PropertiesWrite, StoredRecord } from './store/store';
import { readInbound } from './transport/inbound';

function createParts() {
  const settings = readEnv([
    ...(['environment', 'intakeKeys', 'actors'] as const),
    ...SHARE_KEY_SETTINGS,
    ...DB_SETTINGS,
  ]);
  return {
    ...settings,
    shareKey: createShareKey(settings),
    intake: createIntakeKeys(settings),
    store: createStore(settings),
  };
}
type Parts = ReturnType<typeof createParts>;

/**
 * Opens materials that are encrypted to the intake key, seals each under its own data key, and stores the record; with
 * `items` up to 100 of them, with `action` only a wallet's properties.
 */
export const handler = actorHandler('seal', createParts, (event, call, parts) => {
  if (hasMember(event, 'items')) return sealBatch(event, call, parts);
  if (hasMember(event, 'action')) return replaceProperties(event, call, parts);
  return sealOne(event, call, parts);
});

async function sealOne(event: unknown, call: ActorCall, parts: Parts): Promise<SealResponse> {
  const record = await sealRecord(event, call, parts);
  return responseOf(await parts.store.seal(record, callerOf(call), call.deadline));
}

async function sealBatch(event: unknown, call: ActorCall, parts: Parts): Promise<SealBatchResponse> {
  const { items } = readSealBatchRequest(event);
  const sealed = await eachItem(items, (item) => sealRecord(item, call, parts));
  const records = successes(sealed);
  const stored = records.length === 0 ? [] : await parts.store.sealAll(records, callerOf(call), call.deadline);
  const results = inPlaces(sealed, stored);
  return { items: results.map((each) => (each instanceof VaultError ? call.refuseItem(each) : responseOf(each))) };
}

async function replaceProperties(event: unknown, call: ActorCall, parts: Parts): Promise<ReplacePropertiesResponse> {
  const { walletId, chain, ...request } = readReplacePropertiesRequest(event);
  requireKind(call.actor, 'server-key-shares');
  const properties = propertiesOf(request);
  const caller = callerOf(call);
  const stored = await parts.store.replaceProperties({ walletId, chain }, properties, caller, call.deadline);
  const sha256 = Buffer.from(stored.sha256).toString('hex');
  return { version: stored.version, sha256, createdAt: stored.createdAt.toISOString() };
}

async function sealRecord(event: unknown, call: ActorCall, parts: Parts): Promise<NewRecord> {
  const request = readSealRequest(event);
  requireKind(call.actor, request.kind);
  // without its backup information a server key share may be lost: not for an actor of delegated shares only
  if (request.force === true) requireKind(call.actor, 'server-key-shares');
  const keepBackupInfo = !call.actor.kinds.includes('server-key-shares');
  const { walletProperties, expectedVersion, force } = request;
  const properties =
    walletProperties === undefined
      ? undefined
      : { ...propertiesOf({ walletProperties, expectedVersion, force }), keepBackupInfo };
  const binding = bindingOf(request, properties?.sha256, parts.environment);
  const names: readonly MaterialName[] = MATERIALS[request.kind];
  const sealed = await waitForAll(names.map((name) => sealMaterial(name, request, binding, call, parts)));
  return {
    ...binding,
    kind: request.kind,
    keyId: parts.shareKey.keyId,
    keyMaterialId: materialOfAll(sealed),
    sealed: Object.fromEntries(names.map((name, i) => [name, sealed[i]?.message])),
    transportIds: distinct(sealed.map(({ transportId }) => transportId)),
    supersedes: request.supersedes,
    properties,
  };
}

function bindingOf(request: SealRequest, propertiesSha256: Uint8Array | undefined, environment: string): Binding {
  const { userId, walletId, chain, publicKey, shareSetId } = request;
  return { environment, recordId: randomUUID(), userId, walletId, chain, publicKey, shareSetId, propertiesSha256 };
}

function propertiesOf({
  walletProperties: text,
  expectedVersion,
  force,
}: Pick<ReplacePropertiesRequest, 'walletProperties' | 'expectedVersion' | 'force'>): PropertiesWrite {
  const sha256 = createHash('sha256').update(text, 'utf8').digest();
  return { text, sha256, hasBackupInfo: hasBackupInfo(text), expectedVersion, force };
}

const callerOf = ({ actor, requestId }: ActorCall): Caller => ({ actor: actor.name, requestId });

function responseOf(stored: StoredRecord): SealResponse {
  return { ...stored, createdAt: stored.createdAt.toISOString() };
}

/** Converts a material from its transport to its message; in between it exists in one buffer, which is wiped. */
async function sealMaterial(
  name: MaterialName,
  request: SealRequest,
  binding: Binding,
  call: ActorCall,
  parts: Parts,
): Promise<Sealed & { readonly transportId: string }> {
  const { kind, walletId, chain, userId = '' } = request;
  const field = FIELDS[name];
  const expected = { env: parts.environment, kind, field, walletId, userId, chain };
  const { signal } = call.deadline;
  const materials: Readonly<Partial<Record<MaterialName, string>>> = request.materials;
  const inbound = readInbound(materials[name] ?? '', expected, parts.intake, Date.now());
  const context = recordContext(binding, field);
  const sealed = await sealOpening(() => inbound.open(signal), context, parts.shareKey, signal);
  return { ...sealed, transportId: inbound.transportId };
}

function distinct(transportIds: readonly string[]): readonly string[] {
  if (new Set(transportIds).size === transportIds.length) return transportIds;
  throw new VaultError('TransportRejected', 'expected a jti of its own in each transport, got one twice');
}
