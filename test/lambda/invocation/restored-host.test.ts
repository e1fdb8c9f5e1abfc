import { describe, expect, test } from '@jest/globals';
import { requireRestored } from '../../../lambda/invocation/restored-host';

const OWN = { host: 'share-vault-prod.cluster-c1abcdefghij.eu-central-1.rds.amazonaws.com', port: 5432 };
const DOMAIN = 'cluster-c1abcdefghij.eu-central-1.rds.amazonaws.com';

describe('the cluster of a restore test', () => {
  test.each([
    `awsbackup-restore-test-1a2b3c.${DOMAIN}`,
    `awsbackup-restore-test-aurora-68b1c2d5-0000-4000-8000-12345.${DOMAIN}`,
  ])('gets a token at %s', (host) => {
    expect(() => requireRestored({ host, port: 5432 }, OWN)).not.toThrow();
  });

  test('gets a token in a region of China, whose endpoints end otherwise', () => {
    const domain = 'cluster-c1abcdefghij.rds.cn-north-1.amazonaws.com.cn';
    const place = { host: `awsbackup-restore-test-1.${domain}`, port: 5432 };
    expect(() => requireRestored(place, { ...OWN, host: `share-vault-prod.${domain}` })).not.toThrow();
  });

  test.each([
    ["the vault's own cluster", OWN.host],
    ['another cluster of the account', `another.${DOMAIN}`],
    ['a cluster whose name only ends so', `x-awsbackup-restore-test-1.${DOMAIN}`],
    ['the mere prefix', `awsbackup-restore-test-.${DOMAIN}`],
    ['the reader endpoint', 'awsbackup-restore-test-1.cluster-ro-c1abcdefghij.eu-central-1.rds.amazonaws.com'],
    ['an instance', 'awsbackup-restore-test-1.c1abcdefghij.eu-central-1.rds.amazonaws.com'],
    ['a proxy', 'awsbackup-restore-test-1.proxy-c1abcdefghij.eu-central-1.rds.amazonaws.com'],
    ['another account', 'awsbackup-restore-test-1.cluster-c2abcdefghij.eu-central-1.rds.amazonaws.com'],
    ['another region', 'awsbackup-restore-test-1.cluster-c1abcdefghij.us-east-1.rds.amazonaws.com'],
    ['a host of a stranger', `awsbackup-restore-test-1.${DOMAIN}.example.com`],
    ['a host of a stranger with the name of a cluster', 'awsbackup-restore-test-1.example.com'],
    ['a name in capitals', `AWSBACKUP-RESTORE-TEST-1.${DOMAIN}`],
    ['a name that ends in a dot', `awsbackup-restore-test-1.${DOMAIN}.`],
    ['a name with a line feed', `awsbackup-restore-test-1.${DOMAIN}\n`],
    ['an address', '10.0.0.1'],
    ['this machine', 'localhost'],
    ['nothing', ''],
  ])('gets none at %s', (_what, host) => {
    expect(() => requireRestored({ host, port: 5432 }, OWN)).toThrowWithCode('InvalidRequest');
  });
});

describe('a vault on this machine', () => {
  const own = { host: 'localhost', port: 5432 };

  test.each(['localhost', '127.0.0.1', '::1'])('finds a restored database at %s and another port', (host) => {
    expect(() => requireRestored({ host, port: 5433 }, own)).not.toThrow();
  });

  test.each([
    ['localhost', 5432],
    ['127.0.0.1', 5432],
    ['10.0.0.1', 5433],
    [`awsbackup-restore-test-1.${DOMAIN}`, 5432],
    ['localhost.example.com', 5433],
  ])('refuses %s:%i', (host, port) => {
    expect(() => requireRestored({ host, port }, own)).toThrowWithCode('InvalidRequest');
  });
});
