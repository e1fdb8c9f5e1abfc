import { beforeEach, describe, expect, test } from '@jest/globals';
import { type AzureStandIn, SECRET_ACTIONS } from '../../../../../local/emulator/elsewhere/azure';
import { OPENER, TENANT, TestIssuer, VAULT, createAzure } from './support';

const issuer = new TestIssuer();
const CALLS = {
  set: ['PUT', 'secrets/one'],
  get: ['GET', 'secrets/one'],
  list: ['GET', 'secrets'],
  delete: ['DELETE', 'secrets/one'],
  purge: ['DELETE', 'deletedsecrets/one'],
} as const;
const NAMES = ['set', 'get', 'list', 'delete', 'purge'] as const;

let azure: AzureStandIn;
let token: string;
beforeEach(() => start(false));

async function start(purgeProtection: boolean): Promise<void> {
  azure = createAzure(issuer, undefined, purgeProtection);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'https://vault.azure.net/.default',
    client_id: OPENER,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: issuer.issue(),
  });
  token = (await azure.directory.login(TENANT, form)).access_token;
}

async function call([method, path]: readonly [string, string]): Promise<number | undefined> {
  const url = new URL(`https://${VAULT}/${path}?api-version=7.6`);
  const body = Buffer.from(JSON.stringify({ value: 'AAAA' }));
  return (await azure.respond({ method, url, headers: { authorization: `Bearer ${token}` }, body }))?.status;
}

describe('the secrets of a local key vault', () => {
  test.each(NAMES)('refuse all but what the data action of %s allows', async (allowed) => {
    azure.vault(VAULT).grants.add({ client: OPENER, action: SECRET_ACTIONS[allowed] });
    const refused: string[] = [];
    for (const name of NAMES) if ((await call(CALLS[name])) === 403) refused.push(name);

    expect(refused).toEqual(NAMES.filter((name) => name !== allowed));
  });

  test('refuse a token that the directory did not issue', async () => {
    token = 'other';

    await expect(call(CALLS.get)).resolves.toBe(401);
  });

  test('refuse a purge under purge protection', async () => {
    await start(true);
    const actions = Object.values(SECRET_ACTIONS);
    azure.vault(VAULT).grants.add(...actions.map((action) => ({ client: OPENER, action })));

    const statuses = [await call(CALLS.set), await call(CALLS.delete), await call(CALLS.purge), await call(CALLS.set)];

    expect(statuses).toEqual([200, 200, 403, 409]);
  });
});
