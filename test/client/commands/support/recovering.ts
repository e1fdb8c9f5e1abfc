import { afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { type KeyObject, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { material } from '../../../support/run';
import { type Ran, run } from './account';
import { type Row, rowOf, sealRow } from './recovery-row';

/** Private recovery keys: the records are wrapped to the first two. */
export let safe: KeyObject;
export let vaulted: KeyObject;
export let other: KeyObject;
/** A record of a delegated share. */
export let row: Row;
/** The folder of the running test. */
let folder: string;

export const share = material(3_000);
export const apiKey = material(40);

/** Makes the keys and the record once, and a folder for each test. */
export function useRecovery(): void {
  beforeAll(async () => {
    [safe, vaulted, other] = [newKey(), newKey(), newKey()];
    row = await delegated();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recover-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
}

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
export const pem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' = 'pkcs8') => key.export({ format: 'pem', type });

/** The public keys by their names. */
export const keys = () => ({ 'safe-2026': createPublicKey(safe), 'vault.2026': createPublicKey(vaulted) });

export async function delegated(to: Readonly<Record<string, KeyObject>> = keys()): Promise<Row> {
  return rowOf(await sealRow('delegated-share', { delegatedShare: share, walletApiKey: apiKey }, to));
}

/** Returns the path of a name in the running test's folder. */
export const inFolder = (name: string): string => join(folder, name);

export function file(name: string, contents: string | Uint8Array): string {
  writeFileSync(inFolder(name), contents);
  return inFolder(name);
}

export const recordOf = (value: object) => ['--record', file('row.json', `${JSON.stringify(value)}\n`)];
export const outputs = () => ['--delegated-share', inFolder('share'), '--wallet-api-key', inFolder('api-key')];
export const recover = (...args: readonly string[]) => run(['recover', '--environment', 'prod', ...args]);

/** Expects a refusal that leaves no file behind and prints one line. */
export function expectRefusal({ code, stdout, stderr }: Ran, exit: number, message: string | RegExp): void {
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  expect(stderr).toMatch(/^share-vault recover: [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect(readdirSync(folder).filter((name) => /^(share|api-key|\..*)$/.test(name))).toEqual([]);
}
