import { Policy } from '../authorization';
import { VERSION } from '../authorization/document';
import type { Credentials } from '../services/functions/environment';
import { type Clock, type Principal, type Session, Sessions } from '../signature';
import type { FunctionPart, RolePart, StackTemplate } from '../template';
import { AWS_MANAGED } from './aws-managed';
import type { PrincipalChoices, SessionChoices } from './contract';
import type { Identity, PolicyBook } from './policy-book';

/** AWS's maximum. */
export const SESSION_SECONDS = 43_200;

const SERVICE = /^[a-z0-9.-]+\.amazonaws\.com$/;
const ROOT_OR_ROLE = /^arn:aws[a-z-]*:iam::(\d{12}):(?:root|role\/.+)$/;
const NO_POLICIES: Identity = { policies: [], boundary: undefined, tags: {} };

/** The principals of a deployment: its roles, its functions, the administrator, and those that tests add. */
export class Identities {
  readonly sessions: Sessions;
  readonly #template: StackTemplate;
  /** identities outside the template, by role ARN */
  readonly #added = new Map<string, Identity>();

  /** @param now the clock for the issue and expiry of sessions */
  constructor(template: StackTemplate, now?: Clock) {
    this.#template = template;
    this.sessions = new Sessions(now);
    const { account } = template.resolver.deployment;
    const administrator = AWS_MANAGED.get('AdministratorAccess');
    const everything = { policies: administrator === undefined ? [] : [administrator], boundary: undefined, tags: {} };
    this.#added.set(`arn:aws:iam::${account}:role/Administrator`, everything);
    this.#added.set(`arn:aws:iam::${account}:root`, everything);
  }

  /** Returns the policies of a role; empty for an unknown role of this account. */
  policiesOf(roleArn: string, book: PolicyBook): Identity {
    return book.identity(roleArn) ?? this.#added.get(roleArn) ?? this.#otherAccountPolicies(roleArn) ?? NO_POLICIES;
  }

  administrator(): Credentials {
    return credentialsOf(this.sessions.issue(this.find('administrator'), { seconds: SESSION_SECONDS }));
  }

  /** Issues credentials of a role, as a person or a machine outside of any function gets them. */
  session(role: string, { seconds = SESSION_SECONDS }: SessionChoices = {}): Credentials {
    return credentialsOf(this.sessions.issue(this.find(role, 'session'), { seconds }));
  }

  /** Issues a session of a function's code: its calls have the function as their source. */
  functionSession(part: FunctionPart): Session {
    const principal = { ...this.functionRole(part), sourceFunctionArn: part.arn };
    return this.sessions.issue(principal, { seconds: SESSION_SECONDS });
  }

  /** Returns the principal that Lambda itself uses for a function: its role, without the function as the source. */
  functionRole(part: FunctionPart): Principal {
    return assumed(part.roleArn, part.name);
  }

  /** Adds an identity. Throws `TypeError` if the template has a role of this name. */
  add(name: string, policies: readonly object[], choices: PrincipalChoices = {}): Credentials {
    const { account = this.#template.resolver.deployment.account, boundary, seconds = SESSION_SECONDS } = choices;
    const { sourceFunctionArn } = choices;
    const roleArn = `arn:aws:iam::${account}:role/${name}`;
    if (this.#template.roles().some(({ arn }) => arn === roleArn)) {
      throw new TypeError(`expected a name that no role of the template has, got ${name}`);
    }
    this.#added.set(roleArn, {
      policies: policies.map((policy, index) => Policy.read(`${name}-${index + 1}`, documentOf(policy))),
      boundary: boundary && Policy.read(`${name}-boundary`, documentOf(boundary)),
      tags: {},
    });
    return credentialsOf(this.sessions.issue({ ...assumed(roleArn, 'session'), sourceFunctionArn }, { seconds }));
  }

  /**
   * Returns a principal. A role that only one function has means this function, unless a session is given. Throws
   * `TypeError` if there is no such principal.
   *
   * @param named a role of the template by logical id, with or without its stack, name or ARN, the name of an added role, `administrator`, `root`,
   * or a service's host name
   */
  find(named: string, session?: string): Principal {
    const { account } = this.#template.resolver.deployment;
    const fixed = new Map([
      ['administrator', `arn:aws:iam::${account}:role/Administrator`],
      ['root', `arn:aws:iam::${account}:root`],
    ]);
    const role = this.#roleOf(named);
    if (role !== undefined) {
      const [own, ...others] = this.#template.functions().filter(({ roleArn }) => roleArn === role.arn);
      if (own === undefined || others.length > 0 || session !== undefined)
        return assumed(role.arn, session ?? 'session');
      return { ...this.functionRole(own), sourceFunctionArn: own.arn };
    }
    if (SERVICE.test(named)) return { arn: named, roleArn: named, account };
    const arn = fixed.get(named) ?? [...this.#added.keys()].find((one) => one === named || one.endsWith(`/${named}`));
    if (arn === undefined) {
      throw new TypeError(`expected a role of the template, administrator or root, got ${JSON.stringify(named)}`);
    }
    return principalOf(arn);
  }

  /** Returns the role of a name, an ARN or a logical id, with or without its stack. Throws `TypeError` if it isn't unique. */
  #roleOf(named: string): RolePart | undefined {
    const roles = this.#template.roles();
    const exact = roles.find(({ logicalId, name, arn }) => [logicalId, name, arn].includes(named));
    const [role, ...others] = roles.filter(({ logicalId }) => logicalId.endsWith(`/${named}`));
    if (exact !== undefined || role === undefined) return exact;
    const ids = [role, ...others].map(({ logicalId }) => logicalId);
    if (others.length > 0) throw new TypeError(`expected one role, got ${ids.join(', ')}: name its stack`);
    return role;
  }

  /** Returns the principal for the ARN of another account's root or role; undefined for any other name. */
  otherAccountPrincipal(named: string): Principal | undefined {
    return this.#otherAccountOf(named) === undefined ? undefined : principalOf(named);
  }

  /** Assumes that another account allows everything: its policies are unknown, so only this account's decide. */
  #otherAccountPolicies(roleArn: string): Identity | undefined {
    const account = this.#otherAccountOf(roleArn);
    if (account === undefined) return undefined;
    const everything = documentOf({ Effect: 'Allow', Action: '*', Resource: '*' });
    return { ...NO_POLICIES, policies: [Policy.read(`account ${account}, assumed to allow everything`, everything)] };
  }

  #otherAccountOf(arn: string): string | undefined {
    const account = ROOT_OR_ROLE.exec(arn)?.[1];
    return account === this.#template.resolver.deployment.account ? undefined : account;
  }
}

function principalOf(arn: string): Principal {
  const [, , , , account = ''] = arn.split(':');
  return arn.endsWith(':root') ? { arn, roleArn: arn, account } : assumed(arn, 'session');
}

export function credentialsOf({ accessKeyId, secretAccessKey, sessionToken }: Session): Credentials {
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** Returns a session of a role. */
export function assumed(roleArn: string, session: string): Principal {
  const [, partition = 'aws', , , account = '', ...rest] = roleArn.split(':');
  const name = rest.join(':').split('/').at(-1) ?? '';
  return { arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${session}`, roleArn, account };
}

/** Returns the document of one statement, of several, or of a complete document. */
function documentOf(policy: object): object {
  if ('Statement' in policy) return { Version: VERSION, ...policy };
  return { Version: VERSION, Statement: policy };
}
