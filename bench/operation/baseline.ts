import {
  type KeyObject,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  privateDecrypt,
  timingSafeEqual,
} from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import type { HybridEnvelope } from '../../client/delivery';
import { OAEP } from '../../lambda/contract/encrypt';
import { Floor, type FloorCalls } from '../baselines/floor';
import { Recipe, type RecipeMaterials, type RecipeRecord } from '../baselines/recipe';
import { connect } from '../warm-function';
import { EsdkRecipe } from './esdk';

/*
 * The baselines as handlers of a process of their own, with a function's variables: each makes its clients at the first
 * call and keeps them, as a function does.
 */

/** The variables of a baseline's process beside those of the function. */
export const BASELINE_ENV = {
  /** the ARN of the key that the recipe encrypts with */
  keyArn: 'BENCH_KEY_ARN',
  /** the private key of the recipe's webhook, PKCS #8 in PEM */
  privateKey: 'BENCH_PRIVATE_KEY',
  webhookSecret: 'BENCH_WEBHOOK_SECRET',
} as const;

const variable = (name: keyof typeof BASELINE_ENV): string => process.env[BASELINE_ENV[name]] ?? '';
const database = once(() => connect(process));
const theFloor = once(async () => new Floor(await database()));
const theRecipe = once(
  async () => new Recipe({ database: await database(), kms: new KMSClient(), keyArn: variable('keyArn') }),
);

export const floor = async (calls: FloorCalls): Promise<void> => (await theFloor()).run(calls);

export const recipeSeal = async (record: RecipeRecord): Promise<void> => (await theRecipe()).seal(record);

/** Opens the same record at every call; the first one seals it. */
export async function recipeUnseal(record: RecipeRecord): Promise<RecipeMaterials> {
  const recipe = await theRecipe();
  await (sealed ??= recipe.seal(record));
  return recipe.unseal(record);
}
let sealed: Promise<void> | undefined;

const theEsdk = once(async () => new EsdkRecipe(await database(), variable('keyArn')));

export const esdkSeal = async (record: RecipeRecord): Promise<void> => (await theEsdk()).seal(record);

/** Opens the same record at every call; the first one seals it. */
export async function esdkUnseal(record: RecipeRecord): Promise<readonly Uint8Array[]> {
  const esdk = await theEsdk();
  await (sealed ??= esdk.seal(record));
  return esdk.unseal(record);
}

interface Delivered {
  readonly data: Pick<RecipeRecord, 'walletId' | 'chain'> &
    Readonly<Record<'encryptedDelegatedShare' | 'encryptedWalletApiKey', HybridEnvelope>>;
}

/** The recipe with a webhook: the signature, then both envelopes with a private key in this process, then the recipe's seal. */
export async function recipeReceive(event: {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}): Promise<void> {
  const signature = `sha256=${createHmac('sha256', variable('webhookSecret')).update(event.body).digest('hex')}`;
  const sent = event.headers['x-dynamic-signature-256'] ?? '';
  if (sent.length !== signature.length || !timingSafeEqual(Buffer.from(sent), Buffer.from(signature))) {
    throw new Error('expected a signed delivery, got another');
  }
  const { data } = JSON.parse(event.body) as Delivered;
  const { walletId, chain, encryptedDelegatedShare, encryptedWalletApiKey } = data;
  const materials = {
    delegatedShare: openEnvelope(encryptedDelegatedShare),
    walletApiKey: openEnvelope(encryptedWalletApiKey),
  };
  await (await theRecipe()).seal({ walletId, chain, materials });
}

let privateKey: KeyObject | undefined;

function openEnvelope({ iv, ct, tag, ek }: HybridEnvelope): Buffer {
  privateKey ??= createPrivateKey(variable('privateKey'));
  const contentKey = privateDecrypt({ key: privateKey, ...OAEP }, Buffer.from(ek, 'base64url'));
  const decipher = createDecipheriv('aes-256-gcm', contentKey, Buffer.from(iv, 'base64url'), { authTagLength: 16 });
  decipher.setAuthTag(Buffer.from(tag, 'base64url'));
  return Buffer.concat([decipher.update(Buffer.from(ct, 'base64url')), decipher.final()]);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
