import { type App, DefaultStackSynthesizer, LegacyStackSynthesizer, PermissionsBoundary, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import { consumerIn, vaultIn } from '../../../composition/compositions';

const ACCOUNT = '111111111111';

function vaultOf(stack: Stack, props: Parameters<typeof vaultIn>[1] = {}) {
  const vault = vaultIn(stack, { webhook: {}, ...props });
  vault.connect(consumerIn(stack), { actor: 'signer' });
  return vault;
}

function inRegion(region: string) {
  return (app: App) => {
    const zones = { availabilityZones: [`${region}a`, `${region}b`] };
    vaultOf(new Stack(app, 'Mine', { env: { account: ACCOUNT, region } }), zones);
  };
}

/** Apps with surroundings that change a vault's template but not its effect. */
export const SURROUNDINGS: Readonly<Record<string, (app: App) => void>> = {
  'under a permissions boundary of its stack': (app) => {
    vaultOf(new Stack(app, 'Mine', { permissionsBoundary: PermissionsBoundary.fromName('boundary') }));
  },
  'under a permissions boundary of its own': (app) => {
    const stack = new Stack(app, 'Mine');
    const statements = [new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })];
    iam.PermissionsBoundary.of(vaultOf(stack)).apply(new iam.ManagedPolicy(stack, 'Boundary', { statements }));
  },
  'under the bootstrap of the first CDK': (app) => {
    vaultOf(new Stack(app, 'Mine', { synthesizer: new LegacyStackSynthesizer() }));
  },
  'under a bootstrap of another qualifier': (app) => {
    vaultOf(new Stack(app, 'Mine', { synthesizer: new DefaultStackSynthesizer({ qualifier: 'theirs', bucketPrefix: 'a/b/' }) })); // prettier-ignore
  },
  'in GovCloud': inRegion('us-gov-west-1'),
  'in the other region of GovCloud': inRegion('us-gov-east-1'),
  'in China': inRegion('cn-north-1'),
  'with an alarm topic of a known account in a stack of any': (app) => {
    const stack = new Stack(app, 'Mine');
    vaultOf(stack, { alarmTopic: sns.Topic.fromTopicArn(stack, 'Topic', `arn:aws:sns:eu-west-1:${ACCOUNT}:theirs`) });
  },
};
