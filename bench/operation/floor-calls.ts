import { hash, randomBytes, randomUUID } from 'node:crypto';
import { FIELDS } from '../../lambda/contract/kinds';
import { recordContext } from '../../lambda/keys/record-context';
import { parseMessage, writeMessage } from '../../lambda/message';
import type { FloorCalls, KeyCall } from '../baselines/floor';
import { type WalletKey, envelopesTo, newWallet } from './events';
import { statementOf } from './statements';
import type { OperationVault } from './vault-process';

/** Prepares what the floor of each operation sends: requests as the vault's, complete before the clock starts. */

const CALLER = { actor: 'bench', requestId: 'bench' };
const ORDER = ['delegatedShare', 'walletApiKey'] as const;
/** Statements are prepared with it and never sent by it. */
const DEADLINE = { signal: AbortSignal.timeout(2 ** 31 - 1), remainingMs: () => Number.POSITIVE_INFINITY };
/** Of a data key that KMS wrapped under a context of this size. */
const WRAPPED_BYTES = 184;

/** @param messages - the record's two sealed materials */
export async function unsealCalls(
  { wallet, shareKeyArn: keyArn }: Pick<OperationVault, 'wallet' | 'shareKeyArn'>,
  messages: readonly Uint8Array[],
): Promise<FloorCalls> {
  const query = { kind: 'delegated-share', ...wallet, reason: 'benchmark' } as const;
  const statement = await statementOf((store) => store.unseal(query, CALLER, DEADLINE));
  const keys = messages.map((message): KeyCall => {
    const { context, dataKeys } = parseMessage(message);
    const [{ ciphertext } = { ciphertext: Buffer.alloc(0) }] = dataKeys;
    return { type: 'decrypt', keyArn, ciphertext, context: Object.fromEntries(context) };
  });
  return { keys, statement, first: 'statement' };
}

export async function propertiesCalls(wallet: WalletKey): Promise<FloorCalls> {
  const statement = await statementOf((store) => store.properties(wallet, undefined, DEADLINE));
  return { keys: [], statement, first: 'statement' };
}

/** Opens two content keys and makes two data keys in one round: none of the four calls needs another's response. */
export async function sealCalls(vault: OperationVault): Promise<FloorCalls> {
  const { record, contexts } = newRecord(vault);
  const { transportIds, ...sealed } = { ...record, kind: 'delegated-share', transportIds: [uuid(), uuid()] } as const;
  const statement = await statementOf((store) =>
    store.seal({ ...sealed, transportIds, supersedes: undefined, properties: undefined }, CALLER, DEADLINE),
  );
  return { keys: keyCalls(vault, vault.intakeKey, contexts), statement, first: 'keys' };
}

export async function receiveCalls(vault: OperationVault): Promise<FloorCalls> {
  const { record, contexts } = newRecord(vault);
  const delivery = {
    eventId: uuid(),
    messageId: uuid(),
    eventTime: BigInt(Date.now()) * 1_000_000n,
    requestId: 'bench',
  };
  const owned = { ...record, userId: uuid(), publicKey: '0x00' };
  const statement = await statementOf((store) => store.receiveCreated(owned, delivery, DEADLINE));
  return { keys: keyCalls(vault, vault.webhookKey, contexts), statement, first: 'keys' };
}

const uuid = (): string => randomUUID();

function keyCalls(
  { shareKeyArn }: OperationVault,
  { publicKey, arn }: OperationVault['intakeKey'],
  contexts: readonly Readonly<Record<string, string>>[],
): readonly KeyCall[] {
  const { encryptedDelegatedShare, encryptedWalletApiKey } = envelopesTo(publicKey);
  const opened = [encryptedDelegatedShare, encryptedWalletApiKey].map(({ ek }): KeyCall => ({
    type: 'decrypt-rsa',
    keyArn: arn,
    ciphertext: Buffer.from(ek, 'base64url'),
  }));
  return [...opened, ...contexts.map((context): KeyCall => ({ type: 'generate', keyArn: shareKeyArn, context }))];
}

/** A record as the vault would store it, sealed under data keys that nobody wrapped. */
function newRecord({ environment, shareKeyArn }: OperationVault) {
  const wallet = newWallet();
  const recordId = randomUUID();
  const contexts = ORDER.map((name) => recordContext({ ...wallet, environment, recordId }, FIELDS[name]));
  const [delegatedShare = Buffer.alloc(0), walletApiKey = Buffer.alloc(0)] = contexts.map((context, i) =>
    writeMessage({
      plaintext: Buffer.alloc(i === 0 ? 457 : 51),
      dataKey: randomBytes(32),
      wrapped: [
        { providerId: 'aws-kms', providerInfo: Buffer.from(shareKeyArn), ciphertext: randomBytes(WRAPPED_BYTES) },
      ],
      context,
    }),
  );
  const keyMaterialId = hash('sha256', recordId);
  const record = { ...wallet, recordId, keyId: shareKeyArn, keyMaterialId, sealed: { delegatedShare, walletApiKey } };
  return { record, contexts: contexts.map((context) => Object.fromEntries(context)) };
}
