import { randomBytes, randomFillSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebhookCode } from '../../lambda/contract/codes';
import { type DelegatedWallet, type WebhookKey, createdBody, pingBody, revokedBody, sealMaterials } from '../delivery';
import { readShortFile } from './bounded';
import { type Command, CommandFailure, type Context, UsageError, type Values, textOf } from './command';
import { explain } from './explain';
import { Parameters } from './parameters';
import { post } from './post';
import { fetchPublicKey, isSecret, publishedKeys, readPublicKey } from './rsa-keys';
import { readSecret } from './secret-input';
import { SigningSecret } from './signing-secret';

export const webhookTest: Command = {
  name: 'webhook-test',
  summary: 'send a signed ping and a sealed test delivery, and say what came back',
  options: {
    url: { value: 'URL', about: 'send them there (by default to the URL that the vault publishes)' },
    kid: { value: 'KID', about: 'encrypt to this webhook key (by default the last one by name that is in KMS)' },
    'public-key': {
      value: 'FILE',
      about: 'encrypt to this SPKI PEM, if the private half is a secret that existed before the vault',
    },
    'secret-stdin': { about: 'read the signing secret from standard input (by default from Secrets Manager)' },
  },
  about:
    "Sends three deliveries as Dynamic does: a ping; random material for a wallet share-vault-test-… on the chain TEST, encrypted to the webhook key; and a revocation of it, after which nothing is left but the wallet's tombstone and its access log. Exit code 0 if the responses are Pong, Sealed and Destroyed.",
  examples: [
    'share-vault webhook-test --environment prod',
    'share-vault webhook-test --environment dev --secret-stdin < secret.txt',
  ],

  async run(context, values) {
    const url = await webhookUrl(context, textOf(values, 'url'));
    const secret = await signingSecret(context, values);
    const key = await webhookKey(context, values);
    const send = (event: string, body: Buffer<ArrayBuffer>, expected: WebhookCode): Promise<boolean> =>
      deliver(context, { url, secret, event, body, expected });

    context.stdout.write(`${url.href}\n`);
    // after a failed ping no material is sent
    if (!(await send('ping', pingBody(url.href), 'Pong'))) return 1;
    const wallet = testWallet();
    const sealed = await send('created', testDelivery(wallet, key), 'Sealed');
    // after any response, something may have been stored
    const destroyed = await send('revoked', revokedBody(wallet), 'Destroyed');
    return sealed && destroyed ? 0 : 1;
  },
};

/** If a signature does not fit, the function reads the secret again, at most once a second. */
const SECRET_PAUSE_MS = 1_500;

interface Sending {
  readonly url: URL;
  readonly secret: string;
  readonly event: string;
  readonly body: Buffer<ArrayBuffer>;
  readonly expected: WebhookCode;
}

/** Prints a line, and another one if the response is not the expected one. */
async function deliver({ stdout }: Context, { url, secret, event, body, expected }: Sending): Promise<boolean> {
  const first = await post(url, body, secret);
  const mayBeNew = first.code === 'SignatureMismatch';
  const posted = mayBeNew ? await sleep(SECRET_PAUSE_MS).then(() => post(url, body, secret)) : first;
  const { status = '-', code = '-', milliseconds } = posted;
  stdout.write(`${event.padEnd(9)}${String(status).padEnd(5)}${code.padEnd(20)}${milliseconds} ms\n`);
  const good = posted.status === 200 && posted.code === expected;
  if (!good) stdout.write(`  expected ${expected}: ${explain(posted)}\n`);
  return good;
}

async function webhookUrl(context: Context, given: string | undefined): Promise<URL> {
  const url = URL.parse(given ?? (await new Parameters(context).get('webhook/url')).value);
  const isLocal = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost' || url?.hostname === '[::1]';
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return url;
  const expected = 'expected the URL of a webhook, https:// (or http:// on this machine), got something else';
  throw given === undefined ? new CommandFailure(expected) : new UsageError(`--url: ${expected}`);
}

async function signingSecret(context: Context, values: Values): Promise<string> {
  if (values['secret-stdin'] === true) return readSecret(context, 'Signing secret: ');
  return (await SigningSecret.of(context)).get();
}

async function webhookKey(context: Context, values: Values): Promise<WebhookKey> {
  const file = textOf(values, 'public-key');
  const kid = textOf(values, 'kid');
  if (file !== undefined) return { publicKey: readPublicKey(await readPem(file), 'the file').publicKey, kid };
  const keys = await publishedKeys(context, 'webhook', kid);
  const key = keys.findLast((each) => !isSecret(each));
  if (key !== undefined) return { publicKey: (await fetchPublicKey(key, context)).publicKey, kid: key.kid };
  throw new CommandFailure(
    'expected a webhook key in KMS, got a secret with a private key alone: pass its public half with --public-key FILE',
  );
}

/** A public key of 16,384 bits takes less than 3,000. */
const MAX_PEM_BYTES = 16_384;

async function readPem(file: string): Promise<string> {
  const text = await readShortFile(file, MAX_PEM_BYTES).catch(() => {
    throw new UsageError('--public-key: expected a file, got none that can be read');
  });
  if (text === undefined) throw new UsageError(`--public-key: expected at most ${MAX_PEM_BYTES} bytes, got more`);
  // node would silently derive the public half, and the private one must not be on this machine
  if (text.includes('PRIVATE KEY')) throw new UsageError('--public-key: expected a public key, got a private one');
  return text;
}

function testWallet(): DelegatedWallet {
  const walletId = `share-vault-test-${randomBytes(8).toString('hex')}`;
  return { walletId, chain: 'TEST', userId: 'share-vault-test', publicKey: `0x${randomBytes(20).toString('hex')}` };
}

/** Random material, as long as Dynamic's own. */
function testDelivery(wallet: DelegatedWallet, key: WebhookKey): Buffer<ArrayBuffer> {
  const delegatedShare = randomFillSync(Buffer.allocUnsafeSlow(457));
  const walletApiKey = randomFillSync(Buffer.allocUnsafeSlow(51));
  try {
    return createdBody(wallet, sealMaterials({ delegatedShare, walletApiKey }, key));
  } finally {
    delegatedShare.fill(0);
    walletApiKey.fill(0);
  }
}
