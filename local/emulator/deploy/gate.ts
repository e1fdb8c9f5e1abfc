import type { IncomingMessage } from 'node:http';
import { type AwsAction, type Place, awsActions } from '../authorization';
import { AwsError } from '../services/errors';
import type { Answered, Guard } from '../services/guard';
import type { LocalSecrets } from '../services/secrets';
import type { AwsCall } from '../services/service';
import type { LocalKms } from '../services/kms';
import { type Credential, verifyRequest } from '../signature';
import { ACCESS_DENIED, type Authority, type Question } from './authority';
import type { Identities } from './identities';
import type { StackPlace } from './place';
import { secretKeyActions } from './secret-keys';
import type { Trail } from './trail';

export interface GateOptions {
  readonly place: StackPlace;
  readonly authority: Authority;
  readonly identities: Identities;
  readonly trail: Trail;
  readonly kms: LocalKms;
  readonly secrets: LocalSecrets;
}

/** The names that calls are signed for, by what stands before the dot in `X-Amz-Target`. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  TrentService: 'kms',
  secretsmanager: 'secretsmanager',
  AmazonSSM: 'ssm',
};

/** Stands before KMS, Secrets Manager and Parameter Store: whose signature is it, and may they? */
export class Gate implements Guard {
  readonly #options: GateOptions;
  readonly #named: Place;

  constructor(options: GateOptions) {
    this.#options = options;
    const { place, kms, secrets } = options;
    this.#named = {
      ...place,
      keyArnOf: (reference) => kms.arnOf(reference),
      secretArnOf: (secretId) => secrets.arnOf(secretId),
    };
  }

  identify(request: IncomingMessage, body: Uint8Array, targetPrefix: string): Credential {
    const { place, identities } = this.#options;
    const service = SIGNING_NAMES[targetPrefix] ?? targetPrefix;
    return verifyRequest(request, body, {
      credentials: identities.sessions,
      region: place.region,
      service,
      protocol: 'json',
    });
  }

  async authorise(caller: Credential, targetPrefix: string, call: AwsCall, requestId: string): Promise<Answered> {
    const { authority, secrets } = this.#options;
    const { principal } = caller;
    const service = SIGNING_NAMES[targetPrefix] ?? targetPrefix;
    const actions = this.#actionsOf(service, call, caller, requestId);
    const issuedAt = this.#issuedAt(caller);
    for (const { action, resource, facts } of actions) {
      await authority.require({ principal, action, resource, facts, issuedAt }, requestId);
    }
    const onKeys = secretKeyActions(actions, authority.book, secrets);
    for (const question of onKeys) await authority.require({ ...question, principal, issuedAt }, requestId);
    return (result) => {
      if (service === 'kms') this.#tell(caller, actions, result, requestId);
      // what a service did with a key for its caller is on the trail as well
      else if (result === 'ok') this.#tell(caller, onKeys, result, requestId);
    };
  }

  #actionsOf(
    service: string,
    { operation, input }: AwsCall,
    { principal }: Credential,
    requestId: string,
  ): readonly AwsAction[] {
    const { authority } = this.#options;
    try {
      return awsActions(service, operation, input, this.#named);
    } catch (error) {
      const unknown = { action: `${service}:${operation}`, resource: '*', facts: {} };
      // the service itself says what is wrong
      if (!authority.enabled) return [unknown];
      const message = authority.undecided(error);
      authority.refuse({ ...unknown, principal }, message, requestId);
      throw new AwsError(ACCESS_DENIED, message);
    }
  }

  #issuedAt({ accessKeyId }: Credential): Date | undefined {
    const session = this.#options.identities.sessions.find(accessKeyId);
    return session && new Date(session.issuedAt);
  }

  #tell(
    { principal }: Credential,
    actions: readonly Omit<Question, 'principal'>[],
    result: string,
    requestId: string,
  ): void {
    for (const { action, resource, facts } of actions) {
      const at = new Date().toISOString();
      const pairs = Object.keys(facts?.encryptionContext ?? {}).length > 0 ? facts?.encryptionContext : undefined;
      this.#options.trail.add({
        at,
        principal: principal.arn,
        action,
        resource,
        encryptionContext: pairs,
        result,
        requestId,
      });
    }
  }
}
