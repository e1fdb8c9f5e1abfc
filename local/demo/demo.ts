import { createHash } from 'node:crypto';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SealRequestOf } from '../../lambda/contract/requests';
import type { LocalVault } from '../vault';
import { createdDelivery, post } from './delivery';
import { showDenials } from './denials';
import { showKeys, showOtherKeys } from './other-keys';
import { showRefusals } from './refusals';
import { showRotation } from './rotation';
import { showServerKeyShares } from './server-key-shares';
import type { Report } from './report';
import { readStored } from './stored-message';
import { type DemoWallet, makeWallet } from './wallet';

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

/**
 * Runs the main job on generated material in the real format: a webhook delivers it, the vault seals and unseals it,
 * and the demo shows its row and its access log. Then a backend seals directly,
 * another kind too, and attackers try what the vault refuses.
 *
 * @param authorization whether policies are evaluated; without them the demo skips the calls that only policies deny
 */
export async function runDemo(vault: LocalVault, report: Report, authorization: boolean): Promise<void> {
  // throws before anything is stored if an actor is missing
  for (const key of ['unseal', 'audit', 'seal'] as const) vault.actor(key);
  const wallet = makeWallet();
  const digests = { share: digest(wallet.delegatedShare), apiKey: digest(wallet.walletApiKey) };

  report.heading('The main job');
  const delivery = await deliver(vault, wallet, report);
  const recordId = await showRow(vault, wallet, report);
  await unseal(vault, wallet, digests, report);
  await showLog(vault, wallet, report);
  const captured = await seal(vault, makeWallet(), report);
  await showServerKeyShares(vault, report);
  await showOtherKeys(vault, wallet, report);
  await showRotation(vault, report);

  report.heading('Requests that the vault refuses');
  await showRefusals(vault, { sealed: wallet, recordId, delivery, captured, other: makeWallet() }, report);
  if (!authorization) return;

  report.heading("Calls to KMS for the record's data key, denied by the template's policies");
  await showDenials(vault, recordId, report);
}

/** Posts the delivery that Dynamic sends when a user delegates a wallet. Returns its body. */
async function deliver(vault: LocalVault, wallet: DemoWallet, report: Report): Promise<Buffer> {
  const { delegatedShare, walletApiKey } = wallet;
  const body = createdDelivery(wallet, vault.webhook);
  await report.step(
    'delivery',
    async () => {
      const { status, code } = await post(vault.webhook, body, vault.webhook.secret);
      if (code !== 'Sealed') throw new Error(`expected Sealed, got ${status} ${code}`);
      return `${status} ${code}`;
    },
    (response) => `the vault accepts a delivery from Dynamic: ${response}`,
  );
  report.detail('event', `wallet.delegation.created, ${body.length} bytes, signed`);
  report.detail('materials', `${delegatedShare.length} and ${walletApiKey.length} bytes, encrypted to the webhook key`);
  return body;
}

/** Seals material directly, as a backend does. Returns the request as it was sent. */
async function seal(vault: LocalVault, wallet: DemoWallet, report: Report): Promise<SealRequestOf<'delegated-share'>> {
  const { delegatedShare, walletApiKey, ...rest } = wallet;
  const lambda = vault.lambdaClient();
  const sent = capture(lambda);
  const client = vault.client(vault.actor('seal'), lambda);
  await report.step(
    'seal',
    () => client.seal({ kind: 'delegated-share', ...rest, materials: { delegatedShare, walletApiKey } }),
    () => 'a backend seals another wallet, each material as a JWE to the intake key',
  );
  return JSON.parse(sent().toString()) as SealRequestOf<'delegated-share'>;
}

/** Captures the payload that a client sends, as an attacker on the network path could. */
function capture(lambda: LambdaClient): () => Buffer {
  let payload = Buffer.alloc(0);
  lambda.middlewareStack.add(
    (next) => (args) => {
      const { Payload } = args.input as { Payload?: Uint8Array | string };
      payload = Buffer.from(Payload ?? '');
      return next(args);
    },
    { step: 'initialize' },
  );
  return () => payload;
}

/** Prints the stored row of a wallet. Returns the record's id. */
async function showRow(vault: LocalVault, { walletId }: DemoWallet, report: Report): Promise<string> {
  const database = await vault.database('superuser');
  try {
    const row = await report.step(
      'row',
      async () => {
        const columns = 'id, encryption_key_id AS key, encrypted_delegated_share AS sealed';
        const sql = `SELECT ${columns} FROM vault.delegated_shares WHERE wallet_id = $1`;
        const { rows } = await database.query<{ id: string; key: string; sealed: Buffer }>(sql, [walletId]);
        const [first] = rows;
        if (first === undefined) throw new Error('expected the sealed row, got none');
        return first;
      },
      ({ sealed }) => `the database stores ${sealed.length} bytes of ciphertext`,
    );
    const message = readStored(row.sealed);
    report.detail('encrypted_delegated_share', `\\x${row.sealed.subarray(0, 28).toString('hex')}…`);
    for (const [name, value] of message.context) report.detail(`context ${name}`, value);
    report.detail('key', row.key);
    showKeys(message, report);
    return row.id;
  } finally {
    await database.end();
  }
}

async function unseal(
  vault: LocalVault,
  { walletId, chain }: DemoWallet,
  sealed: { readonly share: string; readonly apiKey: string },
  report: Report,
): Promise<void> {
  const actor = vault.actor('unseal');
  const client = vault.client(actor);
  const request = { kind: 'delegated-share', walletId, chain, reason: 'show the main job' } as const;
  const opened = await report.step(
    'unseal',
    async () => {
      using record = await client.unseal(request);
      return { share: digest(record.delegatedShare), apiKey: digest(record.walletApiKey) };
    },
    () => `the actor ${actor} receives each material encrypted to a one-time key`,
  );
  await report.step(
    'compare',
    () => {
      const same = opened.share === sealed.share && opened.apiKey === sealed.apiKey;
      return same ? Promise.resolve() : Promise.reject(new Error('expected the delivered materials, got others'));
    },
    () => 'the unsealed materials equal the delivered ones, by SHA-256',
  );
  report.detail('delegated share', `${sealed.share} = ${opened.share}`);
  report.detail('wallet API key', `${sealed.apiKey} = ${opened.apiKey}`);
}

async function showLog(vault: LocalVault, wallet: DemoWallet, report: Report): Promise<void> {
  const auditor = vault.client(vault.actor('audit'));
  const { walletId, chain } = wallet;
  const entries = await report.step(
    'log',
    () => Array.fromAsync(auditor.accessLog({ walletId, chain })),
    (rows) => `the wallet's access log has ${rows.length} entries`,
  );
  for (const { sequence, action, outcome, actor, hash } of entries) {
    report.detail(`${sequence} ${action}`, `${outcome.padEnd(10)}${actor.padEnd(18)}${hash.slice(0, 32)}`);
  }
  await report.step(
    'chain',
    async () => {
      const verified = await auditor.verifyAccessLog({ walletId, chain });
      if (!verified.intact) throw new Error(`expected an intact chain, got: ${verified.problem ?? 'broken'}`);
      return verified;
    },
    ({ length, head }) => `the hash chain is intact: ${length} entries, head ${head.slice(0, 32)}`,
  );
}
