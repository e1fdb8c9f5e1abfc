import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** AWS Backup names the resources that a restore test creates, and deletes those only. */
const PREFIX = 'awsbackup-restore-test-';
export const RESTORED = `${PREFIX}*`;

/** Patterns of EventBridge for them. RDS accepts an identifier in any case. */
export const RESTORED_PATTERNS = {
  arns: [{ wildcard: `*:${RESTORED}` }],
  identifiers: [{ prefix: { 'equals-ignore-case': PREFIX } }, { wildcard: `*:${RESTORED}` }],
};

/** Returns the ARN of the service-linked role by which AWS Backup deletes them. */
export function deleterArn(scope: IConstruct): string {
  const resourceName = 'aws-service-role/restore-testing.backup.amazonaws.com/AWSServiceRoleForBackupRestoreTesting';
  return Stack.of(scope).formatArn({ service: 'iam', region: '', resource: 'role', resourceName });
}

/** Returns the ARN of a resource of the stack's account and region, with its name after a colon. */
export function colonArn(scope: IConstruct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
