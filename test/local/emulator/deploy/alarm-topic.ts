import { Policy, callContext, decide } from '../../../../local/emulator/authorization';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStack } from '../../../../local/emulator/deploy/read';
import type { Removal } from './removals';
import { consumerTemplate } from './support';

const REGION = 'us-east-1';

/** The statements of the topic's policy by their Sids, with the publisher. */
const PUBLISHED: Readonly<Record<string, { readonly by: string; readonly secure: boolean }>> = {
  AllowPublishThroughSSLOnly: { by: 'cloudwatch', secure: false },
  AllowAlarmsFromCloudWatch: { by: 'cloudwatch', secure: true },
  AllowAlarmsFromEventBridge: { by: 'events', secure: true },
};

/** Decides if an alarm can publish to the topic with and without a statement of its policy. The topic isn't created. */
export async function publishedWithAndWithout(removal: Removal): Promise<readonly string[]> {
  const { by, secure } = PUBLISHED[removal.statement] ?? { by: 'nobody', secure: true };
  const published = async (amend: (template: object) => void): Promise<string> => {
    const { resolver } = readStack({ template: consumerTemplate() }, new PhysicalNames(), amend);
    const policy = Policy.read(removal.policy, resolver.property(removal.policy, 'PolicyDocument'));
    const [resource = ''] = resolver.property(removal.policy, 'Topics') as readonly string[];
    const account = resolver.deployment.account;
    const principal = { arn: `${by}.amazonaws.com`, roleArn: `${by}.amazonaws.com`, account };
    const action = 'sns:Publish';
    const known = callContext({ principal, action, region: REGION, sourceAccount: account });
    const context = { ...known, 'aws:SecureTransport': String(secure) };
    const { allowed } = await decide(
      { principal, action, resource, context },
      { identity: [], resource: policy, resourceAccount: account },
    );
    return allowed ? 'ALLOWED' : 'DENIED';
  };
  return [await published(() => undefined), await published(removal.remove)];
}
