import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import { ENV } from '../../../lambda/contract/variables';
import { createStore, unreadableAfter } from '../../../lambda/invocation/record-store-elsewhere';
import { StoreWithBodies } from '../../../lambda/store/bodies/with-bodies';
import { PostgresStore } from '../../../lambda/store/postgres';
import { DESCRIPTIONS } from '../store/bodies/elsewhere';

const SETTINGS = {
  ...{ dbHost: 'localhost', dbPort: 5432, dbName: 'share_vault', dbUser: 'vault_revoker', dbCaFile: __filename },
  ...{ dbAuth: 'iam' as const, backupDays: 35 },
};
const DAY_MS = 86_400_000;
const REVOCATION = { revoked: 1, revokedAt: new Date('2026-11-01T00:00:00Z'), known: true };

const environment = { ...process.env };
beforeEach(() => {
  process.env[ENV.environment] = 'dev';
});
afterEach(() => {
  process.env = { ...environment };
});

describe('the store of a function of the bundles for keys and stores elsewhere', () => {
  test('is PostgreSQL only, if no body store is described', () => {
    expect(createStore(SETTINGS)).toBeInstanceOf(PostgresStore);
  });

  test.each(Object.values(DESCRIPTIONS))('has bodies in $type, if that is described', (description) => {
    process.env[ELSEWHERE_ENV.bodyStore] = JSON.stringify(description);

    expect(createStore(SETTINGS)).toBeInstanceOf(StoreWithBodies);
  });

  test('is refused if the description is malformed', () => {
    process.env[ELSEWHERE_ENV.bodyStore] = JSON.stringify({ ...DESCRIPTIONS['secrets-manager'], recoveryDays: 3 });

    expect(() => createStore(SETTINGS)).toThrow(expect.objectContaining({ name: 'Misconfigured' }));
  });
});

describe('the time from which revoked records are unreadable', () => {
  test('is the one of their destroyed bodies, if the store knows it', () => {
    const destroyed = new Date('2026-11-08T00:00:00Z');

    expect(unreadableAfter({ ...REVOCATION, unreadableAfter: destroyed }, SETTINGS)).toBe(destroyed.getTime());
  });

  test('is the end of the last backup otherwise', () => {
    expect(unreadableAfter(REVOCATION, SETTINGS)).toBe(REVOCATION.revokedAt.getTime() + 35 * DAY_MS);
  });
});
