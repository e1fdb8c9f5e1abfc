import type { IncomingMessage } from 'node:http';
import { type AwsAction, type Place, awsActions } from '../authorization';
import { AwsError } from '../services/errors';
import type { Caller, Guard, SignedCall } from '../services/guard';
import type { LocalSecrets } from '../services/secrets';
import type { LocalKms } from '../services/kms';
import type { AwsService } from '../services/service';
import { verifyRequest } from '../signature';
import { ACCESS_DENIED, type AccessRequest, type Authority } from './authority';
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
  /** receives each refused call, and the name of its error @default - none */
  readonly onRefused?: ((call: SignedCall, code: string) => void) | undefined;
}

/**
 * Authorises every call: of services, of database logins, and of services on their own behalf. Determines the actions
 * of a call and requires that all of them are allowed.
 */
export class Gate implements Guard {
  readonly #options: GateOptions;
  readonly #place: Place;

  constructor(options: GateOptions) {
    this.#options = options;
    const { place, kms, secrets } = options;
    this.#place = {
      ...place,
      keyArnOf: (reference) => kms.arnOf(reference),
      secretArnOf: (secretId) => secrets.arnOf(secretId),
    };
  }

  verify(
    request: IncomingMessage,
    body: Uint8Array,
    { signingName: service, protocol }: Pick<AwsService, 'signingName' | 'protocol'>,
  ): Caller {
    const { place, identities } = this.#options;
    const known = { credentials: identities.sessions, region: place.region, service, protocol };
    const { principal, issuedAt } = verifyRequest(request, body, known);
    return { principal, issuedAt: issuedAt === undefined ? undefined : new Date(issuedAt) };
  }

  async authorise(call: SignedCall): Promise<(result: string) => void> {
    try {
      return await this.#authorise(call);
    } catch (error) {
      if (error instanceof AwsError) this.#options.onRefused?.(call, error.name);
      throw error;
    }
  }

  async #authorise(call: SignedCall): Promise<(result: string) => void> {
    const { authority, secrets } = this.#options;
    const actions = this.#actionsOf(call);
    if (actions.length === 0) this.#requireRoute(call);
    await this.#require(call, actions);
    const onKeys = secretKeyActions(actions, authority.book, secrets);
    await this.#require(call, onKeys);
    return (result) => {
      if (call.service === 'kms') this.#report(call, actions, result);
      // also reports a key's use by a service on behalf of its caller
      else if (result === 'ok') this.#report(call, onKeys, result);
    };
  }

  /** Adds a call to the trail that is refused before any policy is evaluated. Throws `AuthorizationError`. */
  refuse(call: SignedCall, reason: string): void {
    const { principal } = call.caller;
    for (const action of awsActions(call.service, call.operation, call.input, this.#place)) {
      this.#options.authority.refuse({ ...action, principal }, reason, call.requestId);
    }
  }

  async #require({ caller, protocol, requestId }: SignedCall, actions: readonly RequestedAction[]): Promise<void> {
    for (const action of actions) {
      await this.#options.authority.require({ ...action, ...caller }, requestId, protocol === 'json' ? 400 : 403);
    }
  }

  /** A call that needs no permission still needs a route. */
  #requireRoute({ caller, service, operation, requestId }: SignedCall): void {
    const action = `${service}:${operation}`;
    this.#options.authority.requireRoute({ ...caller, action, resource: '*' }, requestId);
  }

  #actionsOf({ service, operation, input, caller, requestId }: SignedCall): readonly AwsAction[] {
    const { authority } = this.#options;
    try {
      return awsActions(service, operation, input, this.#place);
    } catch (error) {
      const unknown = { action: `${service}:${operation}`, resource: '*', facts: {} };
      // without authorization, the service itself reports the error
      if (!authority.enabled) return [unknown];
      const message = authority.refusalMessage(error);
      authority.refuse({ ...unknown, principal: caller.principal }, message, requestId);
      throw new AwsError(ACCESS_DENIED, message);
    }
  }

  #report({ caller, requestId }: SignedCall, actions: readonly RequestedAction[], result: string): void {
    const principal = caller.principal.arn;
    for (const { action, resource, facts } of actions) {
      const at = new Date().toISOString();
      const pairs = Object.keys(facts?.encryptionContext ?? {}).length > 0 ? facts?.encryptionContext : undefined;
      this.#options.trail.add({ at, principal, action, resource, encryptionContext: pairs, result, requestId });
    }
  }
}

type RequestedAction = Omit<AccessRequest, 'principal'>;
