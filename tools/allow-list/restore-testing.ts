import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as sns from 'aws-cdk-lib/aws-sns';
import { HERE, ZONES, beside, network, replacing, replacingAll, signing, type Reviewed, usual, vault } from './makes';

/** Vaults that test their restores. */
export const TESTING: Readonly<Record<string, Reviewed>> = {
  'that tests its restores': { make: usual({ restoreTesting: {} }) },
  'that tests its restores, at another time': {
    make: usual({
      restoreTesting: {
        schedule: events.Schedule.cron({ weekDay: 'MON', hour: '7', minute: '30' }),
        validationWindow: Duration.hours(8),
      },
    }),
  },
  'that tests its restores, in prod': {
    make: usual({ environment: 'prod', minCapacity: 1, readers: 1, restoreTesting: {} }),
  },
  'that tests its restores, without a webhook': { make: usual({ webhook: undefined, restoreTesting: {} }) },
  'that tests its restores, retained in every case': {
    make: usual({ removalPolicy: RemovalPolicy.RETAIN, restoreTesting: {} }),
  },
  'that tests its restores, with concurrency of its own': {
    make: usual({ reservedConcurrency: 5, restoreTesting: {} }),
  },
  'that tests its restores, in an imported network': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), restoreTesting: {} }),
  },
  'that tests its restores, in an imported network with endpoints': {
    env: HERE,
    make: (stack, bundles) => vault(stack, bundles, { vpc: network(stack), endpoints: true, restoreTesting: {} }),
  },
  'that tests its restores, with signed code': {
    make: (stack) => vault(stack, undefined, { ...signing(stack), restoreTesting: {} }),
  },
  'that tests its restores, with a former share key': { make: replacing('after', () => ({ restoreTesting: {} })) },
  'that tests its restores, with a former share key, in an imported network': {
    env: HERE,
    make: replacing('after', (stack) => ({ vpc: network(stack), restoreTesting: {} })),
  },
  'that tests its restores, with a former share key, in an imported network with endpoints': {
    env: HERE,
    make: replacing('after', (stack) => ({ vpc: network(stack), endpoints: true, restoreTesting: {} })),
  },
  'that tests its restores, with a backup plan, and goes with its stack': {
    make: usual({ removalPolicy: RemovalPolicy.DESTROY, backupPlan: true, restoreTesting: {} }),
  },
  'that tests its restores, with an alarm topic from elsewhere': {
    make: (stack, bundles) =>
      vault(stack, bundles, {
        alarmTopic: new sns.Topic(stack, 'Alarms', { enforceSSL: true }),
        restoreTesting: {},
      }),
  },
  "that tests its restores, in another stack's network": {
    make: (stack, bundles) => vault(stack, bundles, { ...beside(stack), restoreTesting: {} }),
  },
  'that tests its restores, in two zones of a known region': {
    env: HERE,
    make: usual({ availabilityZones: ZONES, restoreTesting: {} }),
  },
  ...Object.fromEntries(
    [2, 3, 4].map((count) => [
      `that tests its restores, with ${count} former share keys`,
      { make: replacingAll('after', count, { restoreTesting: {} }) },
    ]),
  ),
};
