import {
  type AuthorizationRequest,
  type Authorizer,
  type Decision,
  type InputFacts,
  type Policies,
  AuthorizationError,
  callContext,
  message,
  assumesRole,
  traceLine,
} from '../authorization';
import { accountOf } from '../authorization/request';
import { AwsError } from '../services/errors';
import type { Principal } from '../signature';
import type { Reachability } from '../template';
import type { StackPlace } from './place';
import type { Identities } from './identities';
import { type PolicyBook, defaultKeyPolicy } from './policy-book';
import type { Trail } from './trail';

/** An action of a principal on a resource, to be decided. */
export interface AccessRequest {
  readonly principal: Principal;
  /** `kms:Decrypt` */
  readonly action: string;
  /** an ARN, or `*` */
  readonly resource: string;
  readonly facts?: InputFacts | undefined;
  /** the service that calls for the principal, such as `secretsmanager` */
  readonly viaService?: string | undefined;
  /** ARN of the resource that a service calls for */
  readonly sourceArn?: string | undefined;
  readonly issuedAt?: Date | undefined;
  /** condition keys that replace or extend the derived ones @default - none */
  readonly context?: Readonly<Record<string, string>> | undefined;
}

export interface AuthorityOptions {
  readonly place: StackPlace;
  readonly identities: Identities;
  readonly book: PolicyBook;
  readonly authorizer: Authorizer;
  readonly trail: Trail;
  /** false: every correctly signed call is allowed */
  readonly enabled: boolean;
  readonly trace: ((line: string) => void) | undefined;
  /** the functions' network routes to services @default - every function reaches every service */
  readonly reachability?: Reachability;
}

/** Decides every call of a deployment by all policies that apply to it. */
export class Authority {
  readonly #options: AuthorityOptions;
  #book: PolicyBook;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.#book = options.book;
  }

  /** False: every correctly signed call is allowed. */
  get enabled(): boolean {
    return this.#options.enabled;
  }

  get book(): PolicyBook {
    return this.#book;
  }

  /** Replaces the policies for the following decisions. */
  use(book: PolicyBook): void {
    this.#book = book;
  }

  /** Returns the decision. Throws `AuthorizationError` if the request can't be decided. */
  decide(request: AccessRequest): Promise<Decision> {
    return this.#options.authorizer.decide(this.#requestOf(request), this.#policiesFor(request));
  }

  /**
   * Throws AWS's `AccessDeniedException` if the call is denied or can't be decided. Throws `TimeoutError`, as an SDK
   * does, if the calling function has no network route to the service. Adds the refusal to the trail first.
   *
   * @param status of the refusal; Lambda's is 403
   */
  async require(request: AccessRequest, requestId: string, status = 400): Promise<void> {
    this.requireRoute(request, requestId);
    if (!this.#options.enabled) return;
    const full = this.#requestOf(request);
    const refusal = await this.#options.authorizer.decide(full, this.#policiesFor(request)).then(
      (decision) => {
        this.#options.trace?.(traceLine(full, decision));
        return decision.allowed ? undefined : message(decision);
      },
      (error: unknown) => this.refusalMessage(error),
    );
    if (refusal === undefined) return;
    this.refuse(request, refusal, requestId);
    throw new AwsError(ACCESS_DENIED, refusal, status);
  }

  /** Throws `TimeoutError` if the calling function has no network route to the service. */
  requireRoute(request: AccessRequest, requestId: string): void {
    const obstacle = this.#options.reachability?.obstacle(...callOf(request));
    if (obstacle === undefined) return;
    this.#options.trace?.(`DENY  ${obstacle}`);
    this.refuse(request, obstacle, requestId, TIMED_OUT);
    throw new AwsError(TIMED_OUT, obstacle);
  }

  /** Adds a refusal to the trail. */
  refuse(
    { principal, action, resource, facts }: AccessRequest,
    message: string,
    requestId: string,
    result = ACCESS_DENIED,
  ): void {
    const at = new Date().toISOString();
    const encryptionContext = facts?.encryptionContext;
    this.#options.trail.add({
      at,
      principal: principal.arn,
      action,
      resource,
      encryptionContext,
      result,
      message,
      requestId,
    });
  }

  /** Returns the message of an `AuthorizationError`, for the refusal. Rethrows other errors. */
  refusalMessage(error: unknown): string {
    if (!(error instanceof AuthorizationError)) throw error;
    this.#options.trace?.(`DENY  ${error.message}`);
    return error.message;
  }

  #requestOf(request: AccessRequest): AuthorizationRequest {
    const { principal, action, resource, facts, viaService, sourceArn, issuedAt, context } = request;
    const { region, account } = this.#options.place;
    const endpoint = this.#endpointOf(request);
    const known = callContext({
      principal,
      action,
      region,
      input: facts,
      principalTags: this.#options.identities.policiesOf(principal.roleArn, this.#book).tags,
      viaService,
      sourceVpc: endpoint?.vpcId,
      sourceVpce: endpoint?.id,
      sourceFunctionArn: viaService === undefined ? principal.sourceFunctionArn : undefined,
      sourceArn,
      sourceAccount: account,
      tokenIssuedAt: issuedAt,
      at: new Date(),
    });
    return { principal, action, resource, context: { ...known, ...context } };
  }

  #policiesFor(request: AccessRequest): Policies {
    const { principal, action, resource } = request;
    const { place, identities } = this.#options;
    const { policies: identity, boundary } = identities.policiesOf(principal.roleArn, this.#book);
    const resourceAccount = accountOf(resource) ?? place.account;
    const own = assumesRole(request) ? this.#book.trust(resource) : this.#book.resource(resource);
    const key = action.startsWith('kms:') && resource !== '*' && resourceAccount === place.account;
    return {
      identity,
      boundary,
      resource: own ?? (key ? defaultKeyPolicy(place.account) : undefined),
      resourceAccount,
      endpoint: this.#endpointOf(request)?.policy,
    };
  }

  /** Returns the VPC endpoint that a call goes through. Only API calls by a function's own code use one. */
  #endpointOf(request: AccessRequest): ReturnType<PolicyBook['endpointFor']> {
    return this.#book.endpointFor(...callOf(request));
  }
}

/** Returns the calling function's ARN and the called service. The ARN is empty if a service calls for the function. */
function callOf({ principal, action, viaService }: AccessRequest): [string, string] {
  const [service = ''] = action.split(':');
  return [viaService === undefined ? (principal.sourceFunctionArn ?? '') : '', service];
}

/** The name of an SDK's error for a connection timeout. */
const TIMED_OUT = 'TimeoutError';

export const ACCESS_DENIED = 'AccessDeniedException';
