import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { globSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BODY_PREFIX } from '../../../../lambda/contract/elsewhere';
import { type LocalVault, startVault } from '../../../../local/vault';
import { bodyUses } from '../../../../local/vault/elsewhere/uses';
import { LOCAL_BODIES } from '../../../../tools/build/local-bodies';
import { codeOf, createdOf } from '../../../e2e/deliveries';
import { type TestWallet, invoke, makeWallet, sql } from '../../../e2e/harness';
import { logFolder } from '../../../support/run';
import { synthesized } from '../../../support/synthesized';
import { freshData } from '../../../support/vault-template';

const DAY_MS = 86_400_000;
const KIND = 'delegated-share';
/** Days for which each store of `--bodies` can restore a destroyed body. */
const DELAYS = { 'secrets-manager': 7, google: 0, azure: 90, vault: 0 } as const;
const PREFIXES = [BODY_PREFIX.path('dev'), BODY_PREFIX.dashed('dev')];

/** The whole vault, from its template: the policies of the template, or the rights at the stand-ins, must suffice. */
describe.each(LOCAL_BODIES)('a local vault with its bodies in %s', (bodies) => {
  const template = join(synthesized(join(__dirname, 'bodies-stack.ts')), bodies, 'ShareVault-dev.template.json');
  const [delivered, sealed] = [makeWallet(), makeWallet()];
  let dataDir: string;
  let vault: LocalVault;

  const start = (): Promise<LocalVault> => startVault({ template, dataDir, logDir: logFolder() });
  const file = (): string => {
    const pattern = bodies === 'secrets-manager' ? 'aws/**/secrets.json' : 'elsewhere/*{-,.}{secrets,entries}.json';
    const [found = ''] = globSync(pattern, { cwd: dataDir });
    return join(dataDir, found);
  };
  const entries = (): readonly string[] => namesIn(JSON.parse(readFileSync(file(), 'utf8')));
  const unseal = async ({ walletId, chain }: TestWallet): Promise<Buffer> => {
    using record = await vault.client('backend').unseal({ kind: KIND, walletId, chain, reason: 'test' });
    return Buffer.from(record.delegatedShare);
  };

  beforeAll(async () => {
    dataDir = await freshData(template);
    vault = await start();
  });
  afterAll(async () => {
    await vault.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('gives the stand-in’s rights to the functions that need them, and no others', () => {
    const names = new Map(vault.template.functions().map(({ roleArn, name }) => [roleArn, name.replace(/^.*-/, '')]));
    const rights = bodyUses(vault.template).map(({ roleArn, right }) => `${names.get(roleArn)} ${right}`);

    expect(rights.sort()).toEqual([
      'migrate destroy',
      'migrate list',
      'receive create',
      'receive destroy',
      'revoke destroy',
      'seal create',
      'unseal read',
    ]);
  });

  test('stores the body of a delivery and of a sealed record there, and opens both', async () => {
    expect(await codeOf(vault, createdOf(delivered, vault.webhook))).toBe('200 Sealed');
    await vault.client('backend').seal({ kind: KIND, ...sealed });

    expect(entries()).toHaveLength(2);
    expect((statSync(file()).mode & 0o777).toString(8)).toBe('600');
    expect(await unseal(delivered)).toEqual(delivered.materials.delegatedShare);
    expect(await unseal(sealed)).toEqual(sealed.materials.delegatedShare);
  });

  test('destroys a body with its record, and the record’s row of a backup does not open any more', async () => {
    const { walletId, chain } = delivered;
    await sql(
      vault,
      `CREATE TABLE public.kept AS SELECT * FROM vault.delegated_shares WHERE wallet_id = '${walletId}'`,
    );
    const before = Date.now();
    const { unreadableAfter } = await vault.client('backend').revoke({ walletId, chain, reason: 'test' });

    expect(entries()).toHaveLength(1);
    const delay = new Date(unreadableAfter).getTime() - before - DELAYS[bodies] * DAY_MS;
    expect(delay).toBeGreaterThanOrEqual(-2_000);
    expect(delay).toBeLessThan(600_000);
    await expect(unseal(delivered)).rejects.toMatchObject({ code: 'Revoked' });
    await sql(
      vault,
      `SET session_replication_role = replica; UPDATE vault.wallets SET revoked_at = NULL;
       INSERT INTO vault.delegated_shares SELECT * FROM public.kept; INSERT INTO vault.bodies SELECT id FROM public.kept;
       DROP TABLE public.kept`,
    );
    await expect(unseal(delivered)).rejects.toMatchObject({ code: 'MessageCorrupt' });
  });

  test('opens a record of before a restart, and sweeps its body once no record has it', async () => {
    await vault.close();
    vault = await start();
    expect(await unseal(sealed)).toEqual(sealed.materials.delegatedShare);
    await sql(
      vault,
      `SET session_replication_role = replica;
       INSERT INTO vault.reserved_bodies
         SELECT id, now() - interval '2 hours' FROM vault.delegated_shares WHERE wallet_id = '${sealed.walletId}';
       DELETE FROM vault.delegated_shares; DELETE FROM vault.bodies`,
    );

    const { body } = await invoke(vault, 'migrate', { sweep: true }, 'sweep');

    expect(body).toMatchObject({ bodies: { destroyed: 1, orphans: 1, failed: 0 } });
    expect(entries()).toEqual([]);
  });
});

/** Returns the names of bodies in a store's file, without those that are destroyed. */
function namesIn(file: unknown): readonly string[] {
  const live = Array.isArray(file) ? file.filter((secret: object) => !('deletedAt' in secret)) : file;
  const names = Array.isArray(live)
    ? live.map((secret: { readonly name: string }) => secret.name)
    : Object.keys((file as { readonly secrets?: object }).secrets ?? (file as object));
  return names.filter((name) => PREFIXES.some((prefix) => name.startsWith(prefix)));
}
