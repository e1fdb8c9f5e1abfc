import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ELSEWHERE_ENV } from '../../../lambda/contract/elsewhere';
import { ENV } from '../../../lambda/contract/variables';
import { createBodySweep } from '../../../lambda/invocation/body-sweep-elsewhere';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { BodyServices, DESCRIPTIONS } from '../store/bodies/elsewhere';
import { database, superuser, useStores } from '../store/stores';

const MIGRATED = {
  applied: [],
  current: '0001-tables',
  audited: true,
  frozen: 0,
  warnings: ['a warning of the migration'],
};

useStores([]);

let services: BodyServices;
let lines: string[];
beforeAll(async () => {
  services = await new BodyServices().start();
});
afterAll(() => services.close());
beforeEach(async () => {
  lines = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  process.env[ENV.environment] = 'dev';
  await superuser.query('TRUNCATE vault.bodies, vault.bodies_to_destroy, vault.reserved_bodies');
});
afterEach(() => {
  jest.restoreAllMocks();
  services.secrets.faults.clear();
  Reflect.deleteProperty(process.env, ELSEWHERE_ENV.bodyStore);
});

const queue = () =>
  superuser.query("INSERT INTO vault.bodies_to_destroy (record_id, wallet_id, chain) VALUES ($1, 'w', 'EVM')", [
    randomUUID(),
  ]);
const sweep = async (ms = 60_000) =>
  createBodySweep()(MIGRATED, await database.login('share_vault_master'), deadlineIn(ms));

describe('the daily sweep of bodies', () => {
  test('changes nothing of the migration’s report in a vault without a body store', async () => {
    await queue();

    await expect(sweep()).resolves.toEqual(MIGRATED);
  });

  test('adds what it did to the report, and counts nothing if nothing failed', async () => {
    process.env[ELSEWHERE_ENV.bodyStore] = JSON.stringify(DESCRIPTIONS['secrets-manager']);
    await queue();

    await expect(sweep()).resolves.toEqual({ ...MIGRATED, bodies: { destroyed: 1, orphans: 0, failed: 0 } });
    expect(lines).toEqual([]);
  });

  test('adds its warnings to those of the migration, and counts bodies that it could not destroy', async () => {
    process.env[ELSEWHERE_ENV.bodyStore] = JSON.stringify(DESCRIPTIONS['secrets-manager']);
    services.secrets.faults.set({ operation: 'DeleteSecret', error: '500' });
    await queue();

    const report = await sweep();

    expect(report).toMatchObject({ bodies: { destroyed: 0, failed: 1 } });
    expect(report.warnings).toEqual(['a warning of the migration', 'bodies that could not be destroyed: 1']);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'error', event: 'undestroyed', environment: 'dev', function: 'migrate', Undestroyed: 1 },
    ]);
  });
});
