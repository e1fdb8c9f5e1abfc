import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, jest } from '@jest/globals';
import { deliveryHeaders } from '../../../client/delivery';
import type { Handler } from '../../../lambda/invocation/handler';
import { material } from '../../support/run';
import { FakeStore, receiveInto } from './fake-store';
import { type Receiver, gatewayEvent, lambdaContext, readResponse, receiveEnv, startReceiver } from './receiver';

/** KMS and Secrets Manager of the running file: `useReceiver` assigns them. */
export let receiver: Receiver;
export const store = new FakeStore();
/** Lines that the running test wrote to standard output, and those of the whole file. */
export const out: string[] = [];
export const everything: string[] = [];
/** The materials of all deliveries of the file. */
export const used: Buffer[] = [];
/** The signing secret of a function that `startReceive` started. */
export const SECRET = `dyn_whsec_${randomUUID()}`;
export const WALLET = { walletId: 'wallet-1', chain: 'EVM', userId: 'user-1', publicKey: '0xabc' };
let handler: Handler;

/** Starts the services before the tests of a file, and stops them after it. Each test begins without calls or records. */
export function useReceiver(): void {
  const environment = { ...process.env };
  beforeAll(async () => {
    receiver = await startReceiver();
    jest.spyOn(process.stdout, 'write').mockImplementation((line) => {
      everything.push(String(line));
      return out.push(String(line)) > 0;
    });
  });
  beforeEach(() => {
    out.length = 0;
    store.clear();
    receiver.forget();
  });
  afterEach(() => {
    receiver.kms.faults.clear();
    receiver.secrets.faults.clear();
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    process.env = environment;
    await receiver.close();
  });
}

/** Starts a function with a share key, a signing secret and these webhook keys. Returns the share key's ARN. */
export async function startReceive(webhookKeys: Readonly<Record<string, string>>, budgetMs?: number): Promise<string> {
  const shareKeyArn = await receiver.createShareKey();
  const secretArn = await receiver.createSecret('share-vault/local/webhook-signing-secret', { SecretString: SECRET });
  Object.assign(process.env, receiveEnv(receiver.url, { shareKeyArn, webhookKeys, secretArn, budgetMs }));
  handler = await receiveInto(store);
  return shareKeyArn;
}

export const send = async (event: unknown) => readResponse(await handler(event, lambdaContext()));

/** Delivers a body, signed under this secret. */
export const deliver = (body: Buffer | string, secret = SECRET) =>
  send(gatewayEvent(body, deliveryHeaders(Buffer.from(body), secret)));

/** Returns the materials of a new delivery. */
export function newMaterials(): { readonly delegatedShare: Buffer; readonly walletApiKey: Buffer } {
  const [delegatedShare, walletApiKey] = [material(457), material(51)];
  used.push(delegatedShare, walletApiKey);
  return { delegatedShare, walletApiKey };
}
