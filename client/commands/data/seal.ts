import { type Command, type Context, type Values, UsageError, textOf } from '../command';
import { EXIT } from '../exit-codes';
import { facts } from '../layout';
import { ACTOR, JSON_OUTPUT, WALLET, kindOf, numberOf, walletOf } from './options';
import { type Materials, readMaterials, wipe } from './material-input';
import { printJson } from '../output';
import { readProperties } from './properties-input';
import { withClient } from './with-client';

export const seal: Command = {
  name: 'seal',
  summary: 'seal the materials of a wallet, read from files',
  about: [
    "Reads a wallet's materials from files, byte for byte, encrypts them to the intake key of the vault, and stores them: a delegated share with its wallet API key, or server key shares. The value - stands for standard input, once.",
    'Nothing is overwritten: for a wallet with a live record, name that record with --supersedes. Exit code 5: it has one.',
  ].join('\n'),
  options: {
    ...WALLET,
    'delegated-share': { value: 'FILE', about: 'a file with the delegated share' },
    'wallet-api-key': { value: 'FILE', about: 'a file with the API key of the wallet' },
    'server-key-shares': { value: 'FILE', about: 'a file with the server key shares, serialized' },
    user: { value: 'ID', about: "the user's id" },
    'public-key': { value: 'TEXT', about: "the wallet's public key or address" },
    'share-set': { value: 'ID', about: 'the id of the share set' },
    supersedes: { value: 'RECORD', about: 'the live record that this one replaces' },
    properties: { value: 'FILE', about: 'a file with the wallet properties, which are not secret' },
    'expected-version': { value: 'N', about: 'the version of the properties that these replace' },
    'idempotency-key': {
      value: 'KEY',
      about: 'a text of your own, 16 to 64 characters of base64url: a repeated seal with the same one seals once',
    },
    force: { about: 'replace properties that have backup information by ones that have none' },
    ...ACTOR,
    ...JSON_OUTPUT,
  },
  positionals:
    'expected the materials in files, got an argument: what is typed there stays in the history of the shell',
  examples: [
    'share-vault seal --wallet ID --chain EVM --user ID \\\n  --delegated-share share.json --wallet-api-key key.txt',
    'share-vault seal --wallet ID --chain EVM --server-key-shares - \\\n  --properties properties.json < shares.json',
  ],

  async run(context, values) {
    const wallet = walletOf(values);
    const materials = await readMaterials(values, context);
    try {
      const response = await send(context, values, { ...wallet, materials });
      if (values.json === true) printJson(context.stdout, response);
      else context.stdout.write(facts(Object.entries(response), context.stdout.columns));
      return EXIT.done;
    } finally {
      wipe(materials);
    }
  },
};

async function send(
  context: Context,
  values: Values,
  { walletId, chain, materials }: { readonly walletId: string; readonly chain: string; readonly materials: Materials },
) {
  const kind = kindOf([...materials.keys()]);
  const file = textOf(values, 'properties');
  if (file === undefined && (values['expected-version'] ?? values.force) !== undefined) {
    throw new UsageError('expected --properties with --expected-version and --force, got none');
  }
  const common = {
    ...{ walletId, chain, userId: textOf(values, 'user'), shareSetId: textOf(values, 'share-set') },
    ...{ publicKey: textOf(values, 'public-key'), supersedes: textOf(values, 'supersedes') },
    ...(file !== undefined && {
      walletProperties: await readProperties('properties', file, context),
      expectedVersion: numberOf(values, 'expected-version'),
      force: values.force === true ? true : undefined,
    }),
  };
  const of = (name: Parameters<Materials['get']>[0], option: string): Uint8Array => {
    const material = materials.get(name);
    if (material === undefined) throw new UsageError(`expected --${option}, got none`);
    return material;
  };
  const [share, key] = [() => of('delegatedShare', 'delegated-share'), () => of('walletApiKey', 'wallet-api-key')];
  const input =
    kind === 'delegated-share'
      ? { kind, ...common, materials: { delegatedShare: share(), walletApiKey: key() } }
      : { kind, ...common, materials: { serverKeyShares: of('serverKeyShares', 'server-key-shares') } };
  return withClient(context, values, 'seal', (vault) =>
    vault.seal(input, { idempotencyKey: textOf(values, 'idempotency-key') }),
  );
}
