import { Policy } from '../authorization';
import { VERSION } from '../authorization/document';

function policy(name: string, ...actions: readonly string[]): readonly [string, Policy] {
  const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
  return [name, Policy.read(name.slice(name.lastIndexOf('/') + 1), { Version: VERSION, Statement })];
}

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** AWS managed policies from its reference: those that functions have by default, and the developer's. */
export const AWS_MANAGED: ReadonlyMap<string, Policy> = new Map([
  policy('AdministratorAccess', '*'),
  policy('service-role/AWSLambdaBasicExecutionRole', ...LOGS),
  policy(
    'service-role/AWSLambdaVPCAccessExecutionRole',
    ...LOGS,
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ),
  policy(
    'AWSXRayDaemonWriteAccess',
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ),
]);
