import { beforeAll, describe, expect, test } from '@jest/globals';
import { Readable } from 'node:stream';
import { readTombstones } from '../../../client/commands/rotation/tombstone-lines';
import { readTombstoneObject, tombstoneObject } from '../../../lambda/contract/tombstone-object';
import { readAuditRequest, readReplayRequest } from '../../../lambda/requests/requests';
import { Session } from '../../../lambda/store/session';
import { PendingTombstones, PostgresTombstones } from '../../../lambda/store/tombstones';
import { soon } from '../../support/postgres';
import { database, useStores } from './stores';

useStores(['auditor', 'receiver', 'revoker']);

/** Tombstones that somebody makes with a login of `revoke` or `receive` in hand. */

let pending: PendingTombstones;
let listed: PostgresTombstones;
beforeAll(async () => {
  pending = new PendingTombstones(new Session(await database.settings('vault_revoker')));
  listed = new PostgresTombstones(new Session(await database.settings('vault_auditor')));
});

describe('the longest id that the database stores', () => {
  const ids = ['\u{1f600}'.repeat(255), '"'.repeat(255), '\\'.repeat(255), '\u00e4'.repeat(255)];
  beforeAll(async () => {
    const [revoker, receiver] = [await database.login('vault_revoker'), await database.login('vault_receiver')];
    for (const id of ids.slice(1)) {
      await revoker.query("SELECT vault_api.revoke_kinds($1,'EVM','{delegated-share}','r','a','rq')", [id]);
    }
    await receiver.query("SELECT vault_api.accept_revoked_now($1,'eip155:137','e1','m1','rq')", [ids[0]]);
  });

  test('is read from the bucket again', async () => {
    const objects = (await pending.list(10, soon())).map((each) => tombstoneObject({ ...each, environment: 'prod' }));

    const read = objects.map((object) => readTombstoneObject(object, 'prod').walletId);
    expect(read.sort()).toEqual([...ids].sort());
  });

  test('is read from an exported list, and replayed by a request', async () => {
    const { tombstones, listedAt: until } = await listed.list(undefined, undefined, soon());
    const lines = [{ environment: 'prod' }, ...tombstones, { tombstones: tombstones.length, until }];
    const file = Readable.from([Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'))]);

    expect((await readTombstones(file)).tombstones.map(({ walletId }) => walletId).sort()).toEqual([...ids].sort());
    const request = { action: 'replay-tombstones', environment: 'prod', tombstones, reason: 'restore' };
    expect(readReplayRequest(request)).toEqual(request);
  });

  test.each(['tombstones', 'wallets'])('is a wallet after which the next page of %s can begin', (action) => {
    for (const walletId of ids) {
      const request = { action, after: { walletId, chain: 'EVM' } };
      expect(readAuditRequest(request)).toEqual(request);
    }
  });
});
