import { describe, expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { VaultError } from '../../../lambda/contract/errors';
import { lostConnection, queryError, isTransientConnectError } from '../../../lambda/store/pg-errors';

const fromServer = (code: string) => Object.assign(new DatabaseError('secret', 6, 'error'), { code });
const fromNode = (code: string) => Object.assign(new Error('secret'), { code });

const TICKET = fromServer('SV003');

const CASES = [
  ['a conflict', fromServer('SV001'), 'Conflict', false, false],
  ['a revoked wallet', fromServer('SV002'), 'Revoked', false, false],
  ['a refused ticket', TICKET, 'StoreUnavailable', false, false],
  ['a server that shuts down', fromServer('57P01'), 'StoreUnavailable', true, true],
  ['a server that crashed', fromServer('57P02'), 'StoreUnavailable', true, true],
  ['a server that starts', fromServer('57P03'), 'StoreUnavailable', true, true],
  ['an idle session that was ended', fromServer('57P05'), 'StoreUnavailable', true, true],
  ['a broken connection', fromServer('08006'), 'StoreUnavailable', true, true],
  ['a writer that became a reader', fromServer('25006'), 'StoreUnavailable', true, true],
  ['too many connections', fromServer('53300'), 'StoreUnavailable', false, true],
  ['a full disk', fromServer('53100'), 'StoreUnavailable', false, true],
  ['a statement out of time', fromServer('57014'), 'StoreUnavailable', false, true],
  ['a lock out of time', fromServer('55P03'), 'StoreUnavailable', false, true],
  ['a deadlock', fromServer('40P01'), 'StoreUnavailable', false, true],
  ['a constraint', fromServer('23514'), 'InternalError', false, false],
  ['a missing right', fromServer('42501'), 'InternalError', false, false],
  ['a wrong password', fromServer('28P01'), 'InternalError', false, false],
  ['a refused connection', fromNode('ECONNREFUSED'), 'StoreUnavailable', true, true],
  ['a reset connection', fromNode('ECONNRESET'), 'StoreUnavailable', true, true],
  ['a name that is not there for now', fromNode('EAI_AGAIN'), 'StoreUnavailable', true, true],
  ['a certificate of another host', fromNode('ERR_TLS_CERT_ALTNAME_INVALID'), 'InternalError', false, false],
  ['a connection that ended', new Error('Connection terminated unexpectedly'), 'StoreUnavailable', true, true],
  ['all addresses refused', new AggregateError([fromNode('ECONNREFUSED')]), 'StoreUnavailable', true, true],
  ['a fault in the code', new TypeError('secret'), 'InternalError', false, false],
  ['something thrown', 'secret', 'InternalError', false, false],
] as const;

describe.each(CASES)('%s', (_, error, code, lost, connectAgain) => {
  test(`is ${code}, has its cause, and does not quote it`, () => {
    const own = ['Conflict', 'Revoked'].includes(code) || error === TICKET;
    const vaultError = queryError(error);
    expect(vaultError).toMatchObject({ name: code, cause: error });
    expect(vaultError.message.includes('secret')).toBe(own);
  });

  test(`is ${lost ? '' : 'not '}tried once more, and ${connectAgain ? '' : 'not '}waited for at a connect`, () => {
    expect([lostConnection(error), isTransientConnectError(error)]).toEqual([lost, connectAgain]);
  });
});

describe('the request for the password', () => {
  test('is made again if the secret can not be read yet: a changed policy takes minutes to apply', () => {
    expect(isTransientConnectError(new VaultError('StoreUnavailable', 'expected the secret, got none'))).toBe(true);
  });

  test('is not made again if waiting does not help', () => {
    expect(isTransientConnectError(new VaultError('Misconfigured', 'expected a password, got none'))).toBe(false);
  });
});
