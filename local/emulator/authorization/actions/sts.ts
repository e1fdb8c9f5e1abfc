import * as v from 'valibot';
import { type Operations, NAME, readMembers } from './call';

const ASSUME = v.object({
  RoleArn: v.pipe(NAME, v.startsWith('arn:')),
  RoleSessionName: v.string(),
  ExternalId: v.optional(v.string()),
});

const TOKEN = v.object({
  Audience: v.optional(v.array(v.string()), []),
  DurationSeconds: v.optional(v.number()),
  SigningAlgorithm: v.optional(v.string()),
});

export const stsOperations: Operations = {
  AssumeRole: (input) => {
    const { RoleArn, RoleSessionName, ExternalId } = readMembers(ASSUME, input);
    const facts = { roleSessionName: RoleSessionName, externalId: ExternalId };
    return [{ action: 'sts:AssumeRole', resource: RoleArn, facts }];
  },
  GetWebIdentityToken: (input) => {
    const { Audience, DurationSeconds, SigningAlgorithm } = readMembers(TOKEN, input);
    const facts = {
      identityTokenAudience: Audience.length === 0 ? undefined : Audience,
      // whether AWS sends the default of an omitted duration is undocumented
      durationSeconds: DurationSeconds,
      signingAlgorithm: SigningAlgorithm,
    };
    return [{ action: 'sts:GetWebIdentityToken', resource: '*', facts }];
  },
  // no permission is needed, and an explicit deny has no effect
  GetCallerIdentity: () => [],
};
