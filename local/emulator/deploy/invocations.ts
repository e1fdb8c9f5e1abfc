import { randomUUID } from 'node:crypto';
import { awsActions } from '../authorization';
import type { Admit, Invocation, LambdaEndpoint } from '../services/functions/endpoint';
import { functionArn } from '../services/functions/function-name';
import { verifyRequest } from '../signature';
import type { Authority } from './authority';
import type { Identities } from './identities';
import type { StackPlace } from './place';

export interface InvocationsOf {
  readonly place: StackPlace;
  readonly identities: Identities;
  readonly authority: Authority;
}

const FORBIDDEN = 403;

/** Whether a signed call may pass: the alias, the version or the function itself is what has to be allowed. */
export function admission({ place, identities, authority }: InvocationsOf): Admit {
  return async (operation, request, payload, { name, qualifier }, requestId) => {
    const { accessKeyId, principal } = verifyRequest(request, payload, {
      credentials: identities.sessions,
      region: place.region,
      service: 'lambda',
      protocol: 'rest-json',
    });
    const session = identities.sessions.find(accessKeyId);
    const issuedAt = session && new Date(session.issuedAt);
    for (const asked of awsActions('lambda', operation, { FunctionName: name, Qualifier: qualifier }, place)) {
      await authority.require({ ...asked, principal, issuedAt }, requestId, FORBIDDEN);
    }
  };
}

/** A service that invokes by itself, for something of the account. Throws `AwsError` where the function's policy doesn't let it. */
export async function invokeAsService(
  lambda: LambdaEndpoint,
  authority: Authority,
  place: StackPlace,
  call: {
    /** `events`, `apigateway` */
    readonly service: string;
    readonly sourceArn: string;
    readonly name: string;
    readonly qualifier: string;
    /** JSON */
    readonly event: string;
  },
): Promise<Invocation> {
  const { service, sourceArn, name, qualifier, event } = call;
  const arn = `${service}.amazonaws.com`;
  const principal = { arn, roleArn: arn, account: place.account };
  const resource = functionArn({ ...place, accountId: place.account }, { name, qualifier });
  await authority.require({ principal, action: 'lambda:InvokeFunction', resource, sourceArn }, randomUUID(), FORBIDDEN);
  return lambda.invoke(name, event, qualifier);
}
