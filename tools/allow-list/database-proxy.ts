import { RemovalPolicy } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { HERE, ZONES, beside, network, replacing, signing, type Reviewed, usual, vault } from './makes';

const rdsProxy = {};

/** Vaults with RDS Proxy in front of the database. */
export const PROXIED: Readonly<Record<string, Reviewed>> = {
  'with a database proxy': { make: usual({ rdsProxy }) },
  'with a database proxy, and numbers of its own': {
    make: usual({ rdsProxy: { maxConnectionsPercent: 60 }, port: 5555, restoreToken: 'second', maxCapacity: 8 }),
  },
  'with a database proxy, in prod': {
    make: usual({ environment: 'prod', minCapacity: 1, readers: 1, rdsProxy }),
  },
  'with a database proxy, without a webhook': { make: usual({ webhook: undefined, rdsProxy }) },
  'with a database proxy, and concurrency of its own': { make: usual({ reservedConcurrency: 5, rdsProxy }) },
  'with a database proxy, that goes with its stack': {
    make: usual({ removalPolicy: RemovalPolicy.DESTROY, rdsProxy }),
  },
  'with a database proxy, that is retained in every case': {
    make: usual({ removalPolicy: RemovalPolicy.RETAIN, rdsProxy }),
  },
  'with a database proxy, that tests its restores': { make: usual({ restoreTesting: {}, rdsProxy }) },
  'with a database proxy, with signed code': {
    make: (stack) => vault(stack, undefined, { ...signing(stack), rdsProxy }),
  },
  'with a database proxy, with a former share key': { make: replacing('after', () => ({ rdsProxy })) },
  'with a database proxy, in an imported network': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), rdsProxy }),
  },
  'with a database proxy, in an imported network with endpoints': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), endpoints: true, rdsProxy }),
  },
  "with a database proxy, in another stack's network": {
    make: (stack, bundles) => vault(stack, bundles, { ...beside(stack), rdsProxy }),
  },
  'with a database proxy, and an alarm topic from elsewhere': {
    make: (stack, bundles) =>
      vault(stack, bundles, { alarmTopic: new sns.Topic(stack, 'Alarms', { enforceSSL: true }), rdsProxy }),
  },
  'with a database proxy, in two zones of a known region': {
    env: HERE,
    make: usual({ availabilityZones: ZONES, rdsProxy }),
  },
};
