import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, jest, test } from '@jest/globals';
import { Stack, Validations } from 'aws-cdk-lib';
import { BodyStore } from '../../../lib/body-store';
import { Egress } from '../../../lib/egress';
import { bodyAcknowledgements, EGRESS_ACKNOWLEDGEMENTS } from '../../../lib/private/acknowledgements';
import { restoreAcknowledgements } from '../../../lib/private/restore-acknowledgements';
import { tombstoneAcknowledgements } from '../../../lib/private/tombstone-acknowledgements';
import type { ShareVaultProps } from '../../../lib/share-vault-props';
import { azureKey, googleKey, jwtKey, recoveryKey } from '../../support/external-keys';
import { cdkApp, testStack } from '../../support/synth';
import { testVault } from '../../support/vault';
import { packFindings } from './packs';

const SERVICE = 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0';
const peer = ec2.Peer.ipv4('10.1.2.3/32');

const CASES: readonly (readonly [string, Partial<ShareVaultProps>])[] = [
  ['a firewall', { otherKeys: [googleKey(), azureKey(), jwtKey()], egress: Egress.firewall() }],
  ['NAT gateways only', { otherKeys: [googleKey()], egress: Egress.natGateway() }],
  ['an endpoint for a Vault', { otherKeys: [jwtKey()], egress: Egress.privateLink({ service: SERVICE }) }],
  ['a proxy', { shareKey: googleKey(), egress: Egress.proxy({ url: 'http://proxy.example.com:3128', peer }) }],
  ['bodies in Secrets Manager', { bodyStore: BodyStore.secretsManager({ maxRecords: 100 }) }],
  ['a bucket of tombstones', { tombstones: {} }],
  ['restore tests', { restoreTesting: {} }],
  ['recovery keys', { recoveryKeys: [recoveryKey()] }],
];

/** Returns the findings of the rule packs in the stack of a vault with these props. */
function findingsWith(props: Partial<ShareVaultProps>, scope = testStack()): readonly string[] {
  const { stack } = testVault({ webhook: {}, ...props }, scope);
  Template.fromStack(stack);
  return packFindings(stack);
}

describe('the rule packs for keys and stores elsewhere', () => {
  test.each(CASES)('have nothing against a vault with %s', (_what, props) => {
    expect(findingsWith(props)).toEqual([]);
  });

  test('have nothing against bodies in Secrets Manager of a known account and region', () => {
    const env = { account: '111111111111', region: 'eu-west-1' };
    const bodyStore = BodyStore.secretsManager({ maxRecords: 100 });

    expect(findingsWith({ bodyStore, availabilityZones: ['eu-west-1a', 'eu-west-1b'] }, testStack({ env }))).toEqual([]); // prettier-ignore
  });

  test("find each of a bucket of tombstones' acknowledgements without it, exactly where it is acknowledged", () => {
    const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
    const { vault } = testVault({ webhook: {}, tombstones: {} });
    const found = findingsWith({ tombstones: {} });
    spy.mockRestore();
    const reviewed = vault.tombstones ? tombstoneAcknowledgements(vault.tombstones) : [];
    const ids = reviewed.flatMap((each) => each.ids);
    const mine = found.filter((line) => ids.some((id) => line.startsWith(`${id} at `)));

    expect(mine.filter((line) => !reviewed.some(({ at }) => at.test(line.replace(/^.* at Vault\//, ''))))).toEqual([]);
    expect(ids.filter((id) => !mine.some((line) => line.startsWith(`${id} at `)))).toEqual([]);
    expect(mine).toHaveLength(18);
  });

  test("find each of restore tests' acknowledgements without it, exactly where it is acknowledged", () => {
    const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
    const { vault } = testVault();
    const found = findingsWith({ restoreTesting: {} }).filter((line) =>
      /RestoreTesting\/\w*(Function\/)?Role/.test(line),
    );
    spy.mockRestore();
    const lines = restoreAcknowledgements(vault).flatMap(({ ids, at }) =>
      ids.filter(
        (id) => !found.some((line) => line.startsWith(`${id} at `) && at.test(line.replace(/^.* at Vault\//, ''))),
      ),
    );

    expect(lines).toEqual([]);
  });

  test('find each of these without its acknowledgement, exactly where it is acknowledged', () => {
    const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
    const vault = Object.assign(new Stack(cdkApp(), 'Any'), { environment: 'staging' });
    const reviewed = [...EGRESS_ACKNOWLEDGEMENTS, ...bodyAcknowledgements(vault)];
    const bodyStore = BodyStore.secretsManager({ maxRecords: 100 });
    const found = findingsWith({ bodyStore, otherKeys: [jwtKey()], egress: Egress.firewall() });
    spy.mockRestore();
    const ids = reviewed.flatMap((each) => each.ids);
    const mine = found.filter((line) => ids.some((id) => line.startsWith(`${id} at `)));

    expect(mine.filter((line) => !reviewed.some(({ at }) => at.test(line.replace(/^.* at Vault\//, ''))))).toEqual([]);
    expect(ids.filter((id) => !mine.some((line) => line.startsWith(`${id} at `)))).toEqual([]);
    // every place of a pattern occurs: two routes for each of three packs, and five roles
    expect(mine).toHaveLength(11);
  });

  test.each([...EGRESS_ACKNOWLEDGEMENTS])('are told why for $ids', ({ reason }) => {
    expect(reason.split(' ').length).toBeGreaterThan(20);
  });
});
