import { Policy } from '../../../../local/emulator/authorization';
import type { Request } from '../../../../local/audit/matrix/cell';
import { ACCOUNT } from '../../../../local/audit/matrix/place';

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

const TRUSTS_ACCOUNT = Policy.read('Trust', {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' },
});
