import {
  type AuthorizationRequest,
  type Authorizer,
  type Decision,
  type InputFacts,
  type Policies,
  AuthorizationError,
  callContext,
  message,
  takesRole,
  traceLine,
} from '../authorization';
import { accountOf } from '../authorization/request';
import { AwsError } from '../services/errors';
import type { Principal } from '../signature';
import type { Reachability } from '../template';
import type { StackPlace } from './place';
import type { Identities } from './identities';
import { type PolicyBook, accountsOwn } from './policy-book';
import type { Trail } from './trail';

/** A question: may this principal do that? */
export interface Question {
  readonly principal: Principal;
  /** `kms:Decrypt` */
  readonly action: string;
  /** an ARN, or `*` */
  readonly resource: string;
  readonly facts?: InputFacts | undefined;
  /** the service that asks for the principal, as `secretsmanager` */
  readonly viaService?: string | undefined;
  /** the resource for which a service calls by itself */
  readonly sourceArn?: string | undefined;
  readonly issuedAt?: Date | undefined;
  /** condition keys over those that follow from the rest @default - none */
  readonly context?: Readonly<Record<string, string>> | undefined;
}

export interface AuthorityOptions {
  readonly place: StackPlace;
  readonly identities: Identities;
  readonly book: PolicyBook;
  readonly authorizer: Authorizer;
  readonly trail: Trail;
  /** false: everything that is properly signed passes */
  readonly enabled: boolean;
  readonly trace: ((line: string) => void) | undefined;
  /** the functions' to services @default - each reaches all of them */
  readonly reachability?: Reachability;
}

/** Decides every call of a deployment by all policies that have a say in it. */
export class Authority {
  readonly #options: AuthorityOptions;
  #book: PolicyBook;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.#book = options.book;
  }

  /** False: everything that is properly signed passes. */
  get enabled(): boolean {
    return this.#options.enabled;
  }

  get book(): PolicyBook {
    return this.#book;
  }

  /** Decides by other policies from now on. */
  use(book: PolicyBook): void {
    this.#book = book;
  }

  /** Throws `AuthorizationError` where that can't be said. */
  decide(question: Question): Promise<Decision> {
    return this.#options.authorizer.decide(this.#requestOf(question), this.#policiesFor(question));
  }

  /**
   * Throws AWS's `AccessDeniedException` where the call is not allowed, or where that can't be said; it is on the trail
   * by then. Throws `TimeoutError`, as an SDK does, for a call of a function that has no route to the service.
   *
   * @param status of the refusal: Lambda's is 403
   */
  async require(question: Question, requestId: string, status = 400): Promise<void> {
    this.#requireWay(question, requestId);
    if (!this.#options.enabled) return;
    const request = this.#requestOf(question);
    const refusal = await this.#options.authorizer.decide(request, this.#policiesFor(question)).then(
      (decision) => {
        this.#options.trace?.(traceLine(request, decision));
        return decision.allowed ? undefined : message(decision);
      },
      (error: unknown) => this.undecided(error),
    );
    if (refusal === undefined) return;
    this.refuse(question, refusal, requestId);
    throw new AwsError(ACCESS_DENIED, refusal, status);
  }

  #requireWay(question: Question, requestId: string): void {
    const obstacle = this.#options.reachability?.obstacle(...callOf(question));
    if (obstacle === undefined) return;
    this.#options.trace?.(`DENY  ${obstacle}`);
    this.refuse(question, obstacle, requestId, TIMED_OUT);
    throw new AwsError(TIMED_OUT, obstacle);
  }

  /** Puts a refusal on the trail. */
  refuse(
    { principal, action, resource, facts }: Question,
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

  /** What can't be decided is refused, in the words of what went wrong. Other errors are thrown on. */
  undecided(error: unknown): string {
    if (!(error instanceof AuthorizationError)) throw error;
    this.#options.trace?.(`DENY  ${error.message}`);
    return error.message;
  }

  #requestOf(question: Question): AuthorizationRequest {
    const { principal, action, resource, facts, viaService, sourceArn, issuedAt, context } = question;
    const { region, account } = this.#options.place;
    const passage = this.#passageOf(question);
    const known = callContext({
      principal,
      action,
      region,
      input: facts,
      principalTags: this.#options.identities.policiesOf(principal.roleArn, this.#book).tags,
      viaService,
      sourceVpc: passage?.vpcId,
      sourceVpce: passage?.id,
      sourceFunctionArn: viaService === undefined ? principal.sourceFunctionArn : undefined,
      sourceArn,
      sourceAccount: account,
      tokenIssuedAt: issuedAt,
      at: new Date(),
    });
    return { principal, action, resource, context: { ...known, ...context } };
  }

  #policiesFor(question: Question): Policies {
    const { principal, action, resource } = question;
    const { place, identities } = this.#options;
    const { policies: identity, boundary } = identities.policiesOf(principal.roleArn, this.#book);
    const resourceAccount = accountOf(resource) ?? place.account;
    const own = takesRole(question) ? this.#book.trust(resource) : this.#book.resource(resource);
    const key = action.startsWith('kms:') && resource !== '*' && resourceAccount === place.account;
    return {
      identity,
      boundary,
      resource: own ?? (key ? accountsOwn(place.account) : undefined),
      resourceAccount,
      endpoint: this.#passageOf(question)?.policy,
    };
  }

  /** The calls of a function's code alone pass an endpoint of its VPC; a database login is no call of an API. */
  #passageOf(question: Question): ReturnType<PolicyBook['passage']> {
    return this.#book.passage(...callOf(question));
  }
}

/** The function whose code calls, and the service that it calls; no function if a service calls for it. */
function callOf({ principal, action, viaService }: Question): [string, string] {
  const [service = ''] = action.split(':');
  return [viaService === undefined ? (principal.sourceFunctionArn ?? '') : '', service];
}

/** What an SDK throws when a connection isn't made in time. */
const TIMED_OUT = 'TimeoutError';

export const ACCESS_DENIED = 'AccessDeniedException';
