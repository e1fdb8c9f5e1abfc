import { arn, type Deployment, type Value } from './deployment';
import { uuidOf } from './digest';

/** `Ref` to this name removes the property. */
export const NO_VALUE = 'AWS::NoValue';

const PSEUDO: Readonly<Record<string, (deployment: Deployment) => Value>> = {
  'AWS::AccountId': ({ account }) => account,
  'AWS::NotificationARNs': () => [],
  'AWS::Partition': ({ partition = 'aws' }) => partition,
  'AWS::Region': ({ region }) => region,
  'AWS::StackId': (deployment) =>
    arn(deployment, 'cloudformation', `stack/${deployment.stack}/${uuidOf(deployment.stack)}`),
  'AWS::StackName': ({ stack }) => stack,
  'AWS::URLSuffix': ({ partition }) => (partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'),
};

export const PSEUDO_NAMES: ReadonlySet<string> = new Set([...Object.keys(PSEUDO), NO_VALUE]);

/** Returns the value of a pseudo parameter; undefined for other names. */
export function pseudo(name: string, deployment: Deployment): Value | undefined {
  return PSEUDO[name]?.(deployment);
}
