import { createHash } from 'node:crypto';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SealAnswer, SealRequest } from '../../lambda/api';
import { parseMessage } from '../../lambda/message';
import type { LocalVault } from '../vault';
import { type Delivery, makeDelivery } from './delivery';
import { showRefusals } from './refusals';
import type { Report } from './report';

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

/** The main job on made-up material in real format: seal, look at the row, unseal, read the log; then what is refused. */
export async function runDemo(vault: LocalVault, report: Report): Promise<void> {
  const delivery = makeDelivery();
  const digests = { share: digest(delivery.delegatedShare), apiKey: digest(delivery.walletApiKey) };

  report.heading('The main job');
  const { answer, captured } = await seal(vault, delivery, report);
  await showRow(vault, answer.recordId, report);
  await unseal(vault, delivery, digests, report);
  await showLog(vault, delivery, report);

  report.heading('What is refused');
  await showRefusals(vault, { sealed: delivery, recordId: answer.recordId, captured, other: makeDelivery() }, report);
}

async function seal(
  vault: LocalVault,
  delivery: Delivery,
  report: Report,
): Promise<{ answer: SealAnswer; captured: SealRequest }> {
  const { delegatedShare, walletApiKey, ...wallet } = delivery;
  const lambda = vault.lambdaClient();
  const sent = capture(lambda);
  const client = vault.client('signer', lambda);
  const lengths = `${delegatedShare.length} and ${walletApiKey.length} bytes`;
  const answer = await report.step(
    'seal',
    () => client.seal({ kind: 'delegated-share', ...wallet, materials: { delegatedShare, walletApiKey } }),
    () => `a delegated share and its wallet API key, which arrive encrypted`,
  );
  report.detail('materials', `${lengths}, each a JWE to the intake key`);
  report.detail('record', answer.recordId);
  report.detail('key', answer.keyId);
  return { answer, captured: JSON.parse(sent().toString()) as SealRequest };
}

/** Keeps what a client sends, as somebody on the way could who reads requests. */
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

async function showRow(vault: LocalVault, recordId: string, report: Report): Promise<void> {
  const database = await vault.database('superuser');
  try {
    const row = await report.step(
      'row',
      async () => {
        const sql = 'SELECT encrypted_delegated_share AS sealed FROM vault.delegated_shares WHERE id = $1';
        const { rows } = await database.query<{ sealed: Buffer }>(sql, [recordId]);
        const [first] = rows;
        if (first === undefined) throw new Error('expected the sealed row, got none');
        return first;
      },
      ({ sealed }) => `as the database holds it: ${sealed.length} bytes of ciphertext`,
    );
    const { context } = parseMessage(row.sealed);
    report.detail('encrypted_delegated_share', `\\x${row.sealed.subarray(0, 28).toString('hex')}…`);
    for (const [name, value] of context) report.detail(`context ${name}`, value);
  } finally {
    await database.end();
  }
}

async function unseal(
  vault: LocalVault,
  { walletId, chain }: Delivery,
  sealed: { readonly share: string; readonly apiKey: string },
  report: Report,
): Promise<void> {
  const client = vault.client('signer');
  const request = { kind: 'delegated-share', walletId, chain, reason: 'show the main job' } as const;
  const opened = await report.step(
    'unseal',
    async () => {
      using record = await client.unseal(request);
      return { share: digest(record.delegatedShare), apiKey: digest(record.walletApiKey) };
    },
    () => 'as the actor signer, each material encrypted to a one-time key',
  );
  await report.step(
    'compare',
    () => {
      const same = opened.share === sealed.share && opened.apiKey === sealed.apiKey;
      return same ? Promise.resolve() : Promise.reject(new Error('expected what went in, got something else'));
    },
    () => 'what came back is what went in, by SHA-256',
  );
  report.detail('delegated share', `${sealed.share} = ${opened.share}`);
  report.detail('wallet API key', `${sealed.apiKey} = ${opened.apiKey}`);
}

async function showLog(vault: LocalVault, wallet: Delivery, report: Report): Promise<void> {
  const auditor = vault.client('auditor');
  const { walletId, chain } = wallet;
  const entries = await report.step(
    'log',
    () => Array.fromAsync(auditor.accessLog({ walletId, chain })),
    (rows) => `${rows.length} entries in the wallet's access log`,
  );
  for (const { sequence, action, outcome, actor, hash } of entries) {
    report.detail(`${sequence} ${action}`, `${outcome.padEnd(10)}${actor.padEnd(10)}${hash.slice(0, 32)}`);
  }
  await report.step(
    'chain',
    async () => {
      const verified = await auditor.verifyAccessLog({ walletId, chain });
      if (!verified.intact) throw new Error(`expected an intact chain, got: ${verified.problem ?? 'broken'}`);
      return verified;
    },
    ({ length, head }) => `intact: ${length} entries, head ${head.slice(0, 32)}`,
  );
}
