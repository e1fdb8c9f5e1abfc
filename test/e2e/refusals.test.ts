import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalVault } from '../../local/vault';
import type { SealRequest } from '../../lambda/contract/requests';
import { type TestWallet, invoke, makeWallet, sealWallet, sql, startTestVault, unsealWallet } from './harness';
import { writeHybrid } from '../lambda/transport/support/hybrid-envelope';
import { captureSeal, captureSealRequest } from './capture';

let vault: LocalVault;
beforeAll(async () => {
  vault = await startTestVault();
});
afterAll(() => vault.close());

const UPDATE = 'UPDATE vault.delegated_shares SET';
const MAKE_WALLET = 'INSERT INTO vault.wallets (wallet_id, chain) VALUES ($1, $2)';
const FLIP = (column: string) =>
  `${column} = set_byte(${column}, octet_length(${column}) - 20, get_byte(${column}, octet_length(${column}) - 20) # 1)`;

/** Returns a wallet's number of rows of each kind. */
async function rowsOf({ walletId }: TestWallet): Promise<unknown> {
  const text = `SELECT (SELECT count(*)::int FROM vault.delegated_shares WHERE wallet_id = $1) AS shares,
    (SELECT count(*)::int FROM vault.share_access_log WHERE wallet_id = $1) AS log`;
  return (await sql(vault, text, [walletId]))[0];
}

describe('a caller', () => {
  const unseal = { kind: 'delegated-share', walletId: 'w', chain: 'EVM' };

  test.each([
    ['an alias that is no actor', 'stranger'],
    ['no alias', undefined],
    ['the unpublished version', '$LATEST'],
    ['the published version by its number', '1'],
  ])('that invokes %s is refused by every function', async (_who, qualifier) => {
    const answers = await Promise.all(
      (['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw'] as const).map((name) =>
        invoke(vault, name, unseal, qualifier),
      ),
    );

    expect(answers.map(({ functionError, body }) => [functionError, body.errorType])).toEqual(
      new Array(7).fill(['Unhandled', 'ActorRequired']),
    );
  });

  test('as an actor without the kind destroys nothing by revoking', async () => {
    const env = vault.functionEnv('revoke');
    const actors = JSON.stringify({ signer: ['server-key-shares'] });
    await vault.lambda.updateFunction(vault.functions.revoke, { env: { ...env, SHARE_VAULT_ACTORS: actors } });
    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    await expect(vault.client('signer').revoke({ ...wallet, reason: 'test' })).resolves.toMatchObject({ revoked: 0 });
    const named = await invoke(vault, 'revoke', { walletId: wallet.walletId, chain: 'EVM', kinds: ['delegated-share'], reason: 'test' }, 'signer'); // prettier-ignore
    expect(named.body.errorType).toBe('ActorRequired');
    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 2 });
    await expect(unsealWallet(vault, wallet)).resolves.toEqual(wallet.materials);
    await vault.lambda.updateFunction(vault.functions.revoke, { env });
  });

  test('as an actor without the kind can not seal', async () => {
    const env = vault.functionEnv('seal');
    const actors = JSON.stringify({ signer: ['server-key-shares'] });
    await vault.lambda.updateFunction(vault.functions.seal, { env: { ...env, SHARE_VAULT_ACTORS: actors } });
    const wallet = makeWallet();

    await expect(sealWallet(vault, wallet)).rejects.toMatchObject({ code: 'ActorRequired' });
    expect(await rowsOf(wallet)).toEqual({ shares: 0, log: 0 });
    await vault.lambda.updateFunction(vault.functions.seal, { env });
  });

  test('as an actor without the kind can not unseal', async () => {
    const name = vault.functions.unseal;
    const env = vault.functionEnv('unseal');
    const actors = JSON.stringify({ signer: ['server-key-shares'] });
    await vault.lambda.updateFunction(name, { env: { ...env, SHARE_VAULT_ACTORS: actors } });

    const wallet = makeWallet();
    await sealWallet(vault, wallet);

    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'ActorRequired' });
    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 1 });
    await vault.lambda.updateFunction(name, { env });
  });
});

describe('a row that was changed in the database', () => {
  test.each([
    ['tampered share', FLIP('encrypted_delegated_share'), 'MessageCorrupt'],
    ['tampered API key', FLIP('encrypted_wallet_api_key'), 'MessageCorrupt'],
    ['cut-off share', 'encrypted_delegated_share = substring(encrypted_delegated_share FOR 300)', 'MessageCorrupt'],
    [
      'swapped columns',
      '(encrypted_delegated_share, encrypted_wallet_api_key) = (encrypted_wallet_api_key, encrypted_delegated_share)',
      'ContextMismatch',
    ],
    ['another user', "user_id = 'thief'", 'ContextMismatch'],
    ['no user', 'user_id = NULL', 'ContextMismatch'],
    ['another public key', "public_key = '0x00'", 'ContextMismatch'],
    ['another share set', "share_set_id = 'set'", 'ContextMismatch'],
    ['other properties', "properties_sha256 = sha256('x')", 'ContextMismatch'],
  ])('does not open with a change: %s, and the attempt leaves a log row', async (_what, change, code) => {
    const wallet = makeWallet();
    const { recordId } = await sealWallet(vault, wallet);
    await sql(vault, `${UPDATE} ${change} WHERE id = $1`, [recordId]);

    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code });
    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 2 });
  });

  test('handed out for another wallet: does not open', async () => {
    const [wallet, thief] = [makeWallet(), makeWallet()];
    const { recordId } = await sealWallet(vault, wallet);
    await sql(vault, MAKE_WALLET, [thief.walletId, thief.chain]);
    await sql(vault, `${UPDATE} wallet_id = $2 WHERE id = $1`, [recordId, thief.walletId]);

    await expect(unsealWallet(vault, thief)).rejects.toMatchObject({ code: 'ContextMismatch' });
  });

  test('handed out for another chain: does not open', async () => {
    const wallet = makeWallet();
    const { recordId } = await sealWallet(vault, wallet);
    await sql(vault, MAKE_WALLET, [wallet.walletId, 'SVM']);
    await sql(vault, `${UPDATE} chain = 'SVM' WHERE id = $1`, [recordId]);

    await expect(unsealWallet(vault, { ...wallet, chain: 'SVM' })).rejects.toMatchObject({ code: 'ContextMismatch' });
  });

  test("with another row's sealed bytes: does not open", async () => {
    const [wallet, other] = [makeWallet(), makeWallet()];
    const { recordId } = await sealWallet(vault, wallet);
    const { recordId: otherId } = await sealWallet(vault, other);
    await sql(
      vault,
      `${UPDATE} encrypted_delegated_share = other.encrypted_delegated_share
       FROM vault.delegated_shares AS other WHERE other.id = $2 AND delegated_shares.id = $1`,
      [recordId, otherId],
    );

    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'ContextMismatch' });
  });
});

describe('a transport that was captured', () => {
  const errorOf = async (request: SealRequest) => (await invoke(vault, 'seal', request, 'signer')).body.errorType;

  test.each([
    ['wallet', { walletId: 'thief' }],
    ['user', { userId: 'thief' }],
    ['no user', { userId: undefined }],
    ['chain', { chain: 'SVM' }],
  ])('is refused under another %s', async (_what, change) => {
    const { request } = await captureSeal(vault, makeWallet());

    expect(await errorOf({ ...request, ...change })).toBe('TransportRejected');
  });

  test('is refused as the other material', async () => {
    const { request } = await captureSeal(vault, makeWallet());
    const { delegatedShare, walletApiKey } = request.materials;
    const swapped = { delegatedShare: walletApiKey, walletApiKey: delegatedShare };

    expect(await errorOf({ ...request, materials: swapped })).toBe('TransportRejected');
  });

  test('brings nothing new where it is sent again', async () => {
    const wallet = makeWallet();
    const { request, answer } = await captureSeal(vault, wallet);

    expect((await invoke(vault, 'seal', request, 'signer')).body).toEqual({ ...answer });
    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 1 });
  });

  test('does not undo a revocation', async () => {
    const wallet = makeWallet();
    const { request } = await captureSeal(vault, wallet);
    await vault.client('signer').revoke({ ...wallet, reason: 'test' });

    expect(await errorOf(request)).toBe('Revoked');
  });

  test('is refused beside a fresh one', async () => {
    const { request } = await captureSeal(vault, makeWallet());
    const other = makeWallet();
    const { request: fresh } = await captureSeal(vault, other);
    const materials = { ...fresh.materials, walletApiKey: request.materials.walletApiKey };

    expect(await errorOf({ ...fresh, materials })).toBe('TransportRejected');
  });
});

describe('requests', () => {
  test.each(['seal', 'unseal', 'revoke', 'audit'] as const)('without members are refused by %s', async (name) => {
    const actor = name === 'audit' ? 'auditor' : 'signer';

    expect((await invoke(vault, name, {}, actor)).body.errorType).toBe('InvalidRequest');
  });

  test.each([
    ['as it is', (envelope: object) => envelope, 'InvalidRequest'],
    ['as a string', (envelope: object) => JSON.stringify(envelope), 'TransportRejected'],
  ] as const)('to seal a hybrid envelope to the intake key, sent %s, are refused', async (_how, spell, code) => {
    const wallet = makeWallet();
    const publicKey = createPublicKey(vault.keys.intakeKey.publicKey);
    const oaep = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
    const envelope = writeHybrid(wallet.materials.delegatedShare, (key) => publicEncrypt(oaep, key));
    const request = await captureSealRequest(vault, wallet);
    const materials = { ...request.materials, delegatedShare: spell(envelope) };

    expect((await invoke(vault, 'seal', { ...request, materials }, 'signer')).body.errorType).toBe(code);
    expect(await rowsOf(wallet)).toEqual({ shares: 0, log: 0 });
  });

  test('to unseal a wallet that was never seen leave a log row too', async () => {
    const wallet = makeWallet();

    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'NotFound' });
    const attempts = 'SELECT actor, reason FROM vault.unknown_wallet_log WHERE wallet_id = $1';
    expect(await sql(vault, attempts, [wallet.walletId])).toEqual([{ actor: 'signer', reason: 'test' }]);
    expect(await rowsOf(wallet)).toEqual({ shares: 0, log: 0 });
  });

  test('to unseal in the name of another user find nothing, and leave a log row', async () => {
    const wallet = makeWallet();
    await sealWallet(vault, wallet);
    const { walletId, chain } = wallet;
    const request = { walletId, chain, kind: 'delegated-share', userId: 'thief', reason: 'test' } as const;

    await expect(vault.client('signer').unseal(request)).rejects.toMatchObject({ code: 'NotFound' });
    expect(await rowsOf(wallet)).toEqual({ shares: 1, log: 2 });
  });

  test('are refused with the names of all missing variables', async () => {
    const env = vault.functionEnv('audit');
    const { SHARE_VAULT_DB_HOST: _host, SHARE_VAULT_ENVIRONMENT: _environment, ...rest } = env;
    await vault.lambda.updateFunction(vault.functions.audit, { env: { ...rest, SHARE_VAULT_DB_PORT: 'x' } });

    const { body } = await invoke(vault, 'audit', {}, 'auditor');

    expect(body).toMatchObject({
      errorType: 'Misconfigured',
      errorMessage: expect.stringMatching(/SHARE_VAULT_ENVIRONMENT.*SHARE_VAULT_DB_HOST.*SHARE_VAULT_DB_PORT/),
    });
    await vault.lambda.updateFunction(vault.functions.audit, { env });
  });
});
