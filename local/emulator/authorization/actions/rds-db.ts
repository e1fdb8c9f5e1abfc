import * as v from 'valibot';
import { type Operations, readMembers } from './call';

const LOGIN = v.object({
  /** `cluster-…`, the id in the ARN, not the cluster's name */
  resourceId: v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]+$/)),
  user: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/)),
});

/** A login by an IAM authentication token. This is not an operation of an API. */
export const rdsDbOperations: Operations = {
  connect: (input, { region, account }) => {
    const { resourceId, user } = readMembers(LOGIN, input);
    return [
      {
        action: 'rds-db:connect',
        resource: `arn:aws:rds-db:${region}:${account}:dbuser:${resourceId}/${user}`,
        facts: {},
      },
    ];
  },
};
