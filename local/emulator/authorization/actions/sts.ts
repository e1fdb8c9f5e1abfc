import * as v from 'valibot';
import { type Operations, NAME, readMembers } from './call';

const ASSUME = v.object({
  RoleArn: v.pipe(NAME, v.startsWith('arn:')),
  RoleSessionName: v.string(),
  ExternalId: v.optional(v.string()),
});

export const stsOperations: Operations = {
  AssumeRole: (input) => {
    const { RoleArn, RoleSessionName, ExternalId } = readMembers(ASSUME, input);
    const facts = { roleSessionName: RoleSessionName, externalId: ExternalId };
    return [{ action: 'sts:AssumeRole', resource: RoleArn, facts }];
  },
  // no permission is needed, and an explicit deny has no effect
  GetCallerIdentity: () => [],
};
