import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Client } from 'pg';
import type { ShareVaultClient } from '../../client/index';
import { ELSEWHERE_ENV } from '../../lambda/contract/elsewhere';
import type { SealRequestOf } from '../../lambda/contract/requests';
import type { LocalVault } from '../vault';
import { post } from './delivery';
import { refusal } from './refusal';
import type { Report } from './report';
import type { DemoWallet } from './wallet';

/** A sealed wallet, requests that an attacker may have captured, and another wallet. */
export interface RefusalInputs {
  readonly sealed: DemoWallet;
  readonly recordId: string;
  /** the body of the delivery that sealed it */
  readonly delivery: Buffer;
  /** a backend's request that sealed a third wallet */
  readonly captured: SealRequestOf<'delegated-share'>;
  readonly other: DemoWallet;
}

const FLIP =
  'encrypted_wallet_api_key = set_byte(encrypted_wallet_api_key, octet_length(encrypted_wallet_api_key) - 20, ' +
  'get_byte(encrypted_wallet_api_key, octet_length(encrypted_wallet_api_key) - 20) # 1)';
const SWAP =
  '(encrypted_delegated_share, encrypted_wallet_api_key) = (encrypted_wallet_api_key, encrypted_delegated_share)';

/** A function's alias that is not an actor. */
const OTHER_ALIAS = 'stranger';

/** Makes nine attempts to read or change a wallet's share without permission. Throws unless each fails as expected. */
export async function showRefusals(vault: LocalVault, inputs: RefusalInputs, report: Report): Promise<void> {
  const { sealed, other, delivery, captured, recordId } = inputs;
  const [sealer, signer] = [vault.actor('seal'), vault.client(vault.actor('unseal'))];
  const superuser = await vault.database('superuser');
  const unsealer = await vault.database('vault_unsealer');
  const refuse = (label: string, code: string, description: string, attempt: () => Promise<unknown>): Promise<string> =>
    report.step(
      label,
      () => refusal(code, attempt),
      (got) => `${got.padEnd(20)}${description}`,
    );
  const changed = (change: string, wallet: DemoWallet) => () =>
    withChange(superuser, recordId, change, () => unseal(signer, wallet));
  try {
    // a record needs its wallet's row
    await superuser.query('INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, $2)', [
      other.walletId,
      other.chain,
    ]);
    await addAlias(vault, OTHER_ALIAS);
    await refuse('other alias', 'ActorRequired', 'a call through a new alias that is not an actor', () =>
      unseal(vault.client(OTHER_ALIAS), sealed),
    );
    await refuse('unqualified', 'ActorRequired', 'a call without an alias', () => invoke(vault, 'unseal', {}));
    await refuse('tampered', 'MessageCorrupt', 'one bit of the stored ciphertext is flipped', changed(FLIP, sealed));
    // of materials in a body store, the hashes are compared before a key is used
    const swapped = ELSEWHERE_ENV.bodyStore in vault.functionEnv('unseal') ? 'MessageCorrupt' : 'ContextMismatch';
    await refuse('swapped', swapped, "the row's two sealed columns are exchanged", changed(SWAP, sealed));
    await refuse(
      'other row',
      'ContextMismatch',
      'the row is returned for another wallet',
      changed(`wallet_id = '${other.walletId}'`, other),
    );
    await refuse('rolled back', '2D000', 'BEGIN, unseal, ROLLBACK as the database user of unseal', () =>
      unsealInTransaction(unsealer, sealed),
    );
    await refuse('captured', 'TransportRejected', 'a captured JWE is sent again for another wallet', () =>
      invoke(vault, 'seal', { ...captured, walletId: other.walletId }, sealer),
    );
    await refuse('forged', 'SignatureMismatch', 'the delivery is signed with another secret', () =>
      deliver(vault, delivery, `${vault.webhook.secret}x`),
    );
    await refuse('replayed', 'Duplicate', 'the same delivery again; it changes nothing', () =>
      deliver(vault, delivery, vault.webhook.secret),
    );
  } finally {
    await Promise.all([superuser.end(), unsealer.end()]);
  }
}

/** Adds an alias to the function `unseal`, as an administrator can. */
async function addAlias({ template, lambda, functions: { unseal: name } }: LocalVault, alias: string): Promise<void> {
  const id = template.functions().find((part) => part.name === name)?.logicalId;
  const existing = template.aliases().flatMap((each) => (each.function === id ? [each.name] : []));
  await lambda.updateFunction(name, { aliases: [...existing, alias] });
}

async function unseal(client: ShareVaultClient, { walletId, chain }: DemoWallet): Promise<void> {
  using _record = await client.unseal({ kind: 'delegated-share', walletId, chain, reason: 'curiosity' });
}

/** Invokes a function without the client. Throws an error named after the function's error type. */
async function invoke(vault: LocalVault, name: 'seal' | 'unseal', payload: object, qualifier?: string): Promise<void> {
  const command = { FunctionName: vault.functions[name], Qualifier: qualifier, Payload: JSON.stringify(payload) };
  const response = await vault.lambdaClient().send(new InvokeCommand(command));
  if (response.FunctionError === undefined) return;
  const { errorType } = JSON.parse(response.Payload?.transformToString() ?? '{}') as { errorType?: string };
  throw Object.assign(new Error('refused'), { name: errorType ?? 'unknown' });
}

/** Posts a delivery. Throws an error named after the vault's code unless the delivery was sealed. */
async function deliver({ webhook }: LocalVault, body: Buffer, secret: string): Promise<void> {
  const { code } = await post(webhook, body, secret);
  if (code !== 'Sealed') throw Object.assign(new Error('refused'), { name: code });
}

/** Changes the row as only a superuser can, makes the attempt, and restores the row. */
async function withChange(client: Client, id: string, change: string, attempt: () => Promise<void>): Promise<void> {
  await client.query('CREATE TEMPORARY TABLE kept AS SELECT * FROM vault.delegated_shares WHERE id = $1', [id]);
  try {
    await client.query(`UPDATE vault.delegated_shares SET ${change} WHERE id = $1`, [id]);
    await attempt();
  } finally {
    await client.query(
      'UPDATE vault.delegated_shares AS row SET (wallet_id, encrypted_delegated_share, encrypted_wallet_api_key) = ' +
        '(kept.wallet_id, kept.encrypted_delegated_share, kept.encrypted_wallet_api_key) FROM kept WHERE row.id = kept.id',
    );
    await client.query('DROP TABLE kept');
  }
}

/** Unseals within a transaction and rolls it back, which would remove the log entry too. */
async function unsealInTransaction(client: Client, { walletId, chain }: DemoWallet): Promise<void> {
  await client.query('BEGIN');
  try {
    const items = [{ kind: 'delegated-share', wallet_id: walletId, chain }];
    const values = [JSON.stringify(items), 'curiosity', 'signer', 'none'];
    await client.query('CALL vault_api.unseal_records($1::json, $2, $3, $4, NULL)', values);
  } finally {
    await client.query('ROLLBACK');
  }
}
