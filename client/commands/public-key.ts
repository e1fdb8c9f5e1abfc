import { type Command, type Context, textOf } from './command';
import { type PublishedKey, fetchPublicKey, isSecret, publishedKeys } from './rsa-keys';

export const publicKey: Command = {
  name: 'public-key',
  summary: 'print the public key that Dynamic encrypts to',
  options: { kid: { type: 'string' }, intake: { type: 'boolean' } },
  help: `share-vault public-key --environment NAME [--kid KID] [--intake]

Prints the vault's webhook keys as SPKI PEM on standard output, ready to be pasted into Dynamic's console, and on
standard error each one's name, SHA-256 fingerprint (what \`openssl pkey -pubin -outform DER | sha256sum\` says of it) and
ARN, to be compared with the stack's outputs.

  --kid KID              this key alone (by default all)
  --intake               the intake keys instead, which backends encrypt to
`,

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
