import { Policy } from '../authorization';
import { VERSION } from '../authorization/document';
import type { Credentials } from '../services/functions/environment';
import { type Clock, type Principal, type Session, Sessions } from '../signature';
import type { FunctionPart, StackTemplate } from '../template';
import { AWS_MANAGED } from './aws-managed';
import type { PrincipalChoices, SessionChoices } from './contract';
import type { Identity, PolicyBook } from './policy-book';

/** As long as AWS gives at most. */
export const SESSION_SECONDS = 43_200;

const SERVICE = /^[a-z0-9.-]+\.amazonaws\.com$/;
const ROOT_OR_ROLE = /^arn:aws[a-z-]*:iam::(\d{12}):(?:root|role\/.+)$/;
const NO_POLICIES: Identity = { policies: [], boundary: undefined, tags: {} };

/** Who there is in a deployment: its roles, its functions, the administrator, and whom tests add. */
export class Identities {
  readonly sessions: Sessions;
  readonly #template: StackTemplate;
  /** by role ARN: those that aren't the template's */
  readonly #further = new Map<string, Identity>();

  /** @param now when sessions begin and end */
  constructor(template: StackTemplate, now?: Clock) {
    this.#template = template;
    this.sessions = new Sessions(now);
    const { account } = template.resolver.deployment;
    const administrator = AWS_MANAGED.get('AdministratorAccess');
    const everything = { policies: administrator === undefined ? [] : [administrator], boundary: undefined, tags: {} };
    this.#further.set(`arn:aws:iam::${account}:role/Administrator`, everything);
    this.#further.set(`arn:aws:iam::${account}:root`, everything);
  }

  /** The policies of whoever has this role; none for a role of this account that nobody knows. */
  policiesOf(roleArn: string, book: PolicyBook): Identity {
    return book.identity(roleArn) ?? this.#further.get(roleArn) ?? this.#policiesElsewhere(roleArn) ?? NO_POLICIES;
  }

  administrator(): Credentials {
    return credentialsOf(this.sessions.issue(this.find('administrator'), { seconds: SESSION_SECONDS }));
  }

  /** Credentials as a person or a machine outside of any function gets them. */
  session(role: string, { seconds = SESSION_SECONDS }: SessionChoices = {}): Credentials {
    return credentialsOf(this.sessions.issue(this.find(role, 'session'), { seconds }));
  }

  /** A function's own: they say which function they were made for. */
  functionSession(part: FunctionPart): Session {
    const principal = { ...this.functionRole(part), sourceFunctionArn: part.arn };
    return this.sessions.issue(principal, { seconds: SESSION_SECONDS });
  }

  /** As Lambda itself calls for a function: with its role, not from its code. */
  functionRole(part: FunctionPart): Principal {
    return assumed(part.roleArn, part.name);
  }

  /** A further identity. Throws where the template has a role of that name. */
  add(name: string, policies: readonly object[], choices: PrincipalChoices = {}): Credentials {
    const { account = this.#template.resolver.deployment.account, boundary, seconds = SESSION_SECONDS } = choices;
    const { sourceFunctionArn } = choices;
    const roleArn = `arn:aws:iam::${account}:role/${name}`;
    if (this.#template.roles().some(({ arn }) => arn === roleArn)) {
      throw new TypeError(`expected a name that no role of the template has, got ${name}`);
    }
    this.#further.set(roleArn, {
      policies: policies.map((policy, index) => Policy.read(`${name}-${index + 1}`, documentOf(policy))),
      boundary: boundary && Policy.read(`${name}-boundary`, documentOf(boundary)),
      tags: {},
    });
    return credentialsOf(this.sessions.issue({ ...assumed(roleArn, 'session'), sourceFunctionArn }, { seconds }));
  }

  /**
   * A role of the template by logical id, name or ARN, one that was added by its name, `administrator`, `root`, or a
   * service by its host name. A role of one function, unless it is to be somebody else's session, is that function.
   * Throws `TypeError` where there is none.
   */
  find(named: string, session?: string): Principal {
    const { account } = this.#template.resolver.deployment;
    const fixed = new Map([
      ['administrator', `arn:aws:iam::${account}:role/Administrator`],
      ['root', `arn:aws:iam::${account}:root`],
    ]);
    const role = this.#template.roles().find(({ logicalId, name, arn }) => [logicalId, name, arn].includes(named));
    if (role !== undefined) {
      const [own, ...others] = this.#template.functions().filter(({ roleArn }) => roleArn === role.arn);
      if (own === undefined || others.length > 0 || session !== undefined)
        return assumed(role.arn, session ?? 'session');
      return { ...this.functionRole(own), sourceFunctionArn: own.arn };
    }
    if (SERVICE.test(named)) return { arn: named, roleArn: named, account };
    const arn = fixed.get(named) ?? [...this.#further.keys()].find((one) => one === named || one.endsWith(`/${named}`));
    if (arn === undefined) {
      throw new TypeError(`expected a role of the template, administrator or root, got ${JSON.stringify(named)}`);
    }
    return principalOf(arn);
  }

  /** Another account's root or role, by its ARN, of whom nothing is known here; undefined for anybody else. */
  elsewhere(named: string): Principal | undefined {
    return this.#accountElsewhere(named) === undefined ? undefined : principalOf(named);
  }

  /** What another account allows its own stands in no template: what this one says is asked as if that were everything. */
  #policiesElsewhere(roleArn: string): Identity | undefined {
    const account = this.#accountElsewhere(roleArn);
    if (account === undefined) return undefined;
    const everything = documentOf({ Effect: 'Allow', Action: '*', Resource: '*' });
    return { ...NO_POLICIES, policies: [Policy.read(`account ${account}, taken to allow it everything`, everything)] };
  }

  #accountElsewhere(arn: string): string | undefined {
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

function assumed(roleArn: string, session: string): Principal {
  const [, partition = 'aws', , , account = '', ...rest] = roleArn.split(':');
  const name = rest.join(':').split('/').at(-1) ?? '';
  return { arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${session}`, roleArn, account };
}

/** A statement, several, or a whole document. */
function documentOf(policy: object): object {
  if ('Statement' in policy) return { Version: VERSION, ...policy };
  return { Version: VERSION, Statement: policy };
}
