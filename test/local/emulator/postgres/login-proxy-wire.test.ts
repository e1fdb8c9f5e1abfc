import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createClientAuthority } from '../../../../local/emulator/postgres/client-certificates';
import { IamDatabase, plainClient, request, startup } from './support';

const USER = 'vault_unsealer';
const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;

let database: IamDatabase;
beforeAll(async () => {
  // short: several tests wait for the time limit of a silent client
  database = await IamDatabase.start(2_000);
});
afterAll(() => database.stop());
beforeEach(() => {
  database.decisions.length = 0;
});

describe('a client', () => {
  test.each([
    ['without TLS', false, { code: '28000' }],
    ['with TLS 1.2', { rejectUnauthorized: false, maxVersion: 'TLSv1.2' } as const, { code: 'EPROTO' }],
  ])('%s is refused', async (_what, ssl, error) => {
    const client = plainClient(database.server, { user: USER, password: await database.token(USER), ssl });

    await expect(client.connect()).rejects.toMatchObject(error);
    expect(database.decisions).toEqual([]);
  });

  test('that trusts another authority does not send its token', async () => {
    const ssl = { ca: (await createClientAuthority()).ca };

    await expect(plainClient(database.server, { user: USER, password: 'token', ssl }).connect()).rejects.toThrow();
    expect(database.decisions).toEqual([]);
  });

  test.each<[string, () => Promise<Buffer>, string]>([
    ['speaks of too long a packet', () => database.say(request(SSL_REQUEST, Buffer.alloc(0), 10_001)), '08P01'],
    ['speaks of too short a packet', () => database.say(request(SSL_REQUEST, Buffer.alloc(0), 7)), '08P01'],
    ['speaks TLS at once', () => database.say(Buffer.from('16030100c8010000', 'hex')), '08P01'],
    ['says more before TLS begins', () => database.say(request(SSL_REQUEST), startup('user', USER)), '08P01'],
    ['speaks an old protocol', () => database.say(request(2 << 16)), '0A000'],
    ['asks for Kerberos twice', () => database.say(request(GSS_REQUEST), request(GSS_REQUEST)), '08P01'],
    ['cancels in the clear', () => database.say(request(CANCEL_REQUEST, Buffer.alloc(8))), '08P01'],
    ['starts in the clear', () => database.say(startup('user', USER)), '28000'],
    ['asks for TLS inside TLS', () => database.sayInside(request(SSL_REQUEST)), '08P01'],
    ['names no user', () => database.sayInside(startup('database', 'share_vault')), '28000'],
    ['names two users', () => database.sayInside(startup('user', USER, 'user', 'postgres')), '08P01'],
    [
      'responds with another message',
      () => database.sayInside(startup('user', USER), Buffer.from('Q\0\0\0\x05\0')),
      '08P01',
    ],
    [
      'speaks of too long a password',
      () => database.sayInside(startup('user', USER), Buffer.from('p\0\x01\0\0')),
      '08P01',
    ],
  ])('that %s is refused and closed', async (_what, talk, code) => {
    const response = await talk();

    expect(response.toString('latin1')).toContain(`SFATAL\0VFATAL\0C${code}\0`);
    expect(database.decisions).toEqual([]);
  });

  test.each<[string, () => Promise<Buffer>]>([
    ['before TLS', () => database.say(Buffer.from([0, 0]))],
    ['in the TLS handshake', () => database.say(request(SSL_REQUEST))],
    ['before it starts', () => database.sayInside()],
    ['when asked for its token', () => database.sayInside(startup('user', USER))],
  ])('that falls silent %s is closed', async (_when, talk) => {
    const response = await talk();

    expect(response.length).toBeLessThan(16);
    expect(database.decisions).toEqual([]);
  });
});
