import { readFileSync } from 'node:fs';
import { CommitmentPolicy, KmsKeyringNode, buildClient } from '@aws-crypto/client-node';
import { Signer } from '@aws-sdk/rds-signer';
import { Client } from 'pg';

/**
 * The handler that one would write without this vault: the AWS Encryption SDK with its KMS keyring, and pg with IAM
 * authentication over verified TLS. It opens both materials of a record that the vault sealed, by the same call of the
 * same database. It returns plaintext in base64, and neither checks nor wipes anything.
 */
const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const keyring = new KmsKeyringNode({ keyIds: [variable('SHARE_VAULT_SHARE_KEY_ARN')] });
let connection: Promise<Client> | undefined;

interface Request {
  readonly walletId: string;
  readonly chain: string;
}

interface Row {
  readonly delegated_share: Buffer;
  readonly wallet_api_key: Buffer;
}

export async function handler({ walletId, chain }: Request): Promise<readonly string[]> {
  const client = await (connection ??= connect());
  const text = `CALL vault_api.unseal_delegated_share($1, $2, NULL, 'benchmark', 'signer', 'bench'${', NULL'.repeat(9)})`;
  const { rows } = await client.query<Row>(text, [walletId, chain]);
  const sealed = rows.flatMap((row) => [row.delegated_share, row.wallet_api_key]);
  // the ESDK creates this class in a function, so its types don't show the superclass
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  const opened = await Promise.all(sealed.map((message) => decrypt(keyring, message)));
  return opened.map(({ plaintext }) => plaintext.toString('base64'));
}

async function connect(): Promise<Client> {
  const [host, port] = [variable('SHARE_VAULT_DB_HOST'), Number(variable('SHARE_VAULT_DB_PORT'))];
  const user = variable('SHARE_VAULT_DB_USER');
  const signer = new Signer({ hostname: host, port, username: user });
  const client = new Client({
    host,
    port,
    user,
    database: variable('SHARE_VAULT_DB_NAME'),
    password: () => signer.getAuthToken(),
    ssl: { ca: readFileSync(variable('SHARE_VAULT_DB_CA_FILE'), 'utf8'), minVersion: 'TLSv1.3' },
  });
  await client.connect();
  return client;
}

/** A load without a call needs no variables. */
function variable(name: string): string {
  return process.env[name] ?? 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000';
}
