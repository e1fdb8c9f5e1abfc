import { describe, expect, test } from '@jest/globals';
import { hasBackupInfo } from '../../../lambda/requests/backup-info';

const NAME = 'externalServerKeySharesBackupInfo';

describe('wallet properties have backup information', () => {
  test.each([
    ['as the Node SDK spells it', `{"${NAME}":{"backups":{"dynamic":["1"]}}}`],
    ['as the Rust SDK spells it', '{"external_server_key_shares_backup_info":{"backups":[7]}}'],
    ['after a byte order mark', `\ufeff{"${NAME}":{"a":1}}`],
    ['as a list', `{"${NAME}":["1"]}`],
    ['as a text', `{"${NAME}":"1"}`],
    ['with an escaped name', '{"externalServerKeySharesBackup\\u0049nfo":{"backups":"1"}}'],
    ['beside 256 KiB of others', `{"a":"${'x'.repeat(260_000)}","${NAME}":{"b":1}}`],
    ['that is nested 100,000 levels deep', `{"${NAME}":${'['.repeat(100_000)}1${']'.repeat(100_000)}}`],
  ])('%s', (_case, text) => {
    expect(hasBackupInfo(text)).toBe(true);
  });
});

describe('wallet properties have no backup information', () => {
  test.each([
    ['without the member', '{"accountAddress":"0xabc"}'],
    ['with null', `{"${NAME}":null}`],
    ['with an empty object', `{"${NAME}":{}}`],
    ['with an emptied structure', `{"${NAME}":{"passwordEncrypted":true,"backups":{"dynamic":[],"icloud":[{}]}}}`],
    ['with an empty list', `{"${NAME}":[]}`],
    ['with an empty text', `{"${NAME}":""}`],
    ['with the member in another object', `{"wallet":{"${NAME}":{"a":1}}}`],
    ['with the name as a value', `{"name":"${NAME}"}`],
    ['in a list', `[{"${NAME}":{"a":1}}]`],
    ['as a number', '7'],
    ['as null', 'null'],
    ['if they are not JSON', `${NAME}: {}`],
    ['if they are empty', ''],
    ['in a text of 130,000 opened lists', '['.repeat(130_000)],
    ['on the prototype', '{"__proto__":{"externalServerKeySharesBackupInfo":{"a":1}}}'],
  ])('%s', (_case, text) => {
    expect(hasBackupInfo(text)).toBe(false);
  });
});
