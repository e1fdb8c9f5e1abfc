import { type Command, type Context, textOf } from './command';
import { type PublishedKey, fetchPublicKey, isSecret, publishedKeys } from './rsa-keys';

export const publicKey: Command = {
  name: 'public-key',
  summary: 'print the public key that Dynamic encrypts to',
  options: {
    kid: { value: 'KID', about: 'only this key (by default all)' },
    intake: { about: 'the intake keys instead, which backends encrypt to' },
  },
  about:
    "Prints the vault's webhook keys as SPKI PEM on standard output, ready to be pasted into the console of Dynamic, and on standard error each one's name, SHA-256 fingerprint (the one of `openssl pkey -pubin -outform DER | sha256sum`) and ARN, to be compared with the stack's outputs.",
  examples: [
    'share-vault public-key --environment prod > webhook.pem',
    'share-vault public-key --environment prod --intake',
  ],

  async run(context, values) {
    const purpose = values.intake === true ? 'intake' : 'webhook';
    const keys = await publishedKeys(context, purpose, textOf(values, 'kid'));
    const printed = [];
    for (const key of keys) printed.push(isSecret(key) ? reportSecret(key, context) : await print(key, context));
    return printed.includes(true) ? 0 : 1;
  },
};

async function print(key: PublishedKey, context: Context): Promise<boolean> {
  const { publicKey, pem, fingerprint } = await fetchPublicKey(key, context);
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  context.stderr.write(`${key.kid}: RSA ${bits}, SHA-256 ${fingerprint}\n  ${key.arn}\n`);
  context.stdout.write(pem);
  return true;
}

function reportSecret({ kid, arn }: PublishedKey, { stderr }: Context): boolean {
  stderr.write(`${kid}: its private half is in ${arn}; the public one is with whoever made it\n`);
  return false;
}
