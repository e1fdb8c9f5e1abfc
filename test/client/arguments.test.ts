import { describe, expect, test } from '@jest/globals';
import type { RevokeInput, SealInput, UnsealInput, Wallet } from '../../client/index';
import { sealInput, unsealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

const REVOKE: RevokeInput = { walletId: 'wallet-1', chain: 'EVM', reason: 'user left' };
const ID = 'expected 1 to 255 characters in Unicode form NFC, no blank at an end, none that is invisible';
const SHOWN = 'characters without control, bidirectional or line-separator characters';

const seal = (changes: object) => client.seal({ ...sealInput(), ...changes });
const unseal = (changes: object) => client.unseal({ ...unsealInput(sealInput()), ...changes });
const revoke = (changes: object) => client.revoke({ ...REVOKE, ...changes });

const CALLS: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  ['a wallet without an id', () => seal({ walletId: undefined }), 'walletId: expected a value, got none'],
  ['a wallet whose id is empty', () => seal({ walletId: '' }), `walletId: ${ID}`],
  ['a wallet whose id ends in a blank', () => unseal({ walletId: 'wallet-1 ' }), `walletId: ${ID}`],
  ['a wallet whose id is too long', () => unseal({ walletId: 'w'.repeat(256) }), `walletId: ${ID}`],
  [
    'a wallet whose id is a number',
    () => unseal({ walletId: 7 }),
    'walletId: expected a string, got a value of type n',
  ],
  [
    'a chain in small letters',
    () => unseal({ chain: 'evm' }),
    'chain: expected 1 to 10 characters, a name in capitals',
  ],
  ['a user that is empty', () => seal({ userId: '' }), `userId: ${ID}`],
  ['a user that is null', () => unseal({ userId: null }), 'userId: expected a string, got null'],
  ['a mistyped user', () => unseal({ userID: 'user-1' }), 'input: got an unknown member'],
  ['a mistyped member of a seal', () => seal({ supersede: 'record' }), 'input: got an unknown member'],
  ['a public key that is bytes', () => seal({ publicKey: new Uint8Array(3) }), 'publicKey: expected a string'],
  ['a record that is no UUID', () => seal({ supersedes: 'record' }), 'supersedes: expected a UUID in lower case'],
  ['wallet properties that are an object', () => seal({ walletProperties: {} }), 'walletProperties: expected a string'],
  ['wallet properties with NUL', () => seal({ walletProperties: '\0' }), 'walletProperties: expected at most'],
  ['no reason', () => unseal({ reason: undefined }), 'reason: expected a value, got none'],
  ['an empty reason', () => unseal({ reason: '' }), `reason: expected 1 to 200 ${SHOWN}`],
  ['a reason of two lines', () => revoke({ reason: 'one\ntwo' }), `reason: expected 1 to 200 ${SHOWN}`],
  ['a reason of 201 characters', () => revoke({ reason: 'r'.repeat(201) }), `reason: expected 1 to 200 ${SHOWN}`],
  ['a revocation of no chain', () => revoke({ chain: undefined }), 'chain: expected a value, got none'],
  ['a version of 0', () => client.properties(REVOKE, { version: 0 }), 'version: expected a whole number from 1'],
  ['records of no wallet', () => client.records({} as Wallet), 'walletId: expected a value, got none'],
  ['a head of two lines', () => client.accessLogHead({ ...REVOKE, walletId: 'a\nb' }), 'walletId: expected 1 to 255'],
  ['a log after half a row', () => client.accessLog(REVOKE, { after: 0.5 }).next(), 'after: expected a whole number'],
  [
    'a verification after no hash',
    () => client.verifyAccessLog(REVOKE, { after: { sequence: 1, hash: 'hash' } }),
    'hash: expected 64 hexadecimal digits in lower case',
  ],
];

describe('before anything is sent, a call refuses', () => {
  test.each(CALLS)('%s', async (_what, call, message) => {
    const refused = call();

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });

  test('all wrong arguments in one error that names the call', async () => {
    const refused = unseal({ walletId: '', chain: 'evm', reason: 7 });

    await expect(refused).rejects.toThrow(/^arguments of unseal: walletId: .*; chain: .*; reason: /);
  });

  test('values without quoting them', async () => {
    const refused = unseal({ walletId: 'secret\0', chain: 'secret', userId: '\0secret', secret: 'secret' });

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  test('a revocation with one kind, which would destroy every kind', async () => {
    const revoked = client.revoke({ ...REVOKE, kind: 'server-key-shares' } as RevokeInput);

    await expect(revoked).rejects.toThrow('arguments of revoke: kind: expected kinds, a list, got kind');
    expect(vault.calls).toEqual([]);
  });

  test('nothing for other members of a revocation, which it does not send', async () => {
    await client.revoke({ ...REVOKE, userId: 'user-1' } as RevokeInput);

    const sent: unknown = JSON.parse(Buffer.from(vault.calls.at(-1)?.payload ?? '').toString());
    expect(sent).toEqual(REVOKE);
  });

  test('no arguments', async () => {
    const none = undefined as unknown as UnsealInput & RevokeInput;

    await expect(client.unseal(none)).rejects.toThrow('arguments of unseal: kind: expected a value, got none');
    await expect(client.revoke(none)).rejects.toThrow('arguments of revoke: ');
    await expect(client.seal(none as unknown as SealInput)).rejects.toThrow(TypeError);
    expect(vault.calls).toEqual([]);
  });
});
