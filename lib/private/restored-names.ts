import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** AWS Backup names the resources that a restore test creates, and deletes those only. */
export const RESTORED = 'awsbackup-restore-test-*';

/** Returns the ARN of a resource of the stack's account and region, with its name after a colon. */
export function colonArn(scope: IConstruct, service: string, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
}
