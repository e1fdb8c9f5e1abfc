import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StandInRequest, StandInResponse } from '../../local/emulator/elsewhere/stand-in';
import { type LocalVault, startVault } from '../../local/vault';
import { logFolder } from '../support/run';
import { synthesized } from '../support/synthesized';
import { freshData } from '../support/vault-template';
import { CALLS, LIMIT_MS, leaksAfterEach, onLinux, walletsOfManyLengths } from './copies';
import { ONLY_KEYS } from './elsewhere-stack';
import type { TestWallet } from './harness';

const FOLDER = synthesized(join(__dirname, 'elsewhere-stack.ts'));
const KIND = 'delegated-share';

onLinux.each(ONLY_KEYS)('a vault whose only key is outside AWS: %s', (key) => {
  let vault: LocalVault;
  let dataDir: string;
  let logDir: string;
  const tokens = new Set<string>();
  beforeAll(async () => {
    const template = join(FOLDER, key, 'ShareVault-dev.template.json');
    [dataDir, logDir] = [await freshData(template), logFolder()];
    vault = await startVault({ template, dataDir, logDir });
    for (const standIn of vault.elsewhere?.standIns ?? []) {
      const respond = standIn.respond.bind(standIn);
      Object.assign(standIn, {
        respond: async (request: StandInRequest): Promise<StandInResponse | undefined> => {
          for (const token of tokensIn(request)) tokens.add(token);
          return respond(request);
        },
      });
    }
  });
  afterAll(async () => {
    await vault.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const seal = (wallet: TestWallet): Promise<unknown> => vault.client('backend').seal({ kind: KIND, ...wallet });
  const unseal = async ({ walletId, chain }: TestWallet): Promise<void> => {
    using _record = await vault.client('backend').unseal({ kind: KIND, walletId, chain, reason: 'test' });
  };

  test(
    'holds no copy of a material after any seal or unseal of materials of many lengths',
    async () => {
      const wallets = walletsOfManyLengths(CALLS / 2);

      expect(await leaksAfterEach(vault, wallets, { seal, unseal })).toEqual([]);
    },
    LIMIT_MS,
  );

  test('writes no token to a log or to the trail', () => {
    const written = [...globSync(`${logDir}/**/*`), join(dataDir, 'trail.jsonl')]
      .filter((file) => /\.(log|jsonl)$/.test(file))
      .map((file) => readFileSync(file, 'utf8'));
    const texts = written.join('\n');

    // of seal and unseal: a web identity token, and the service's own
    expect(tokens.size).toBeGreaterThanOrEqual(4);
    expect(texts).toContain('share-vault-dev-seal');
    expect([...tokens].filter((token) => texts.includes(token))).toEqual([]);
    expect(texts).not.toMatch(/eyJ[\w-]{20}|hvs\.|hvb\.|ya29\./);
  });
});

/** Returns the tokens that a request presents. */
function tokensIn({ headers, body }: StandInRequest): readonly string[] {
  const [bearer = ''] = /(?<=^Bearer )\S+$/.exec(headers.authorization ?? '') ?? [];
  const own = [headers['x-vault-token']].flat()[0] ?? '';
  const jwts = body.toString().match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? [];
  return [bearer, own, ...jwts].filter((token) => token.length > 0);
}
