import type { Decision, Policy, StatementPlace } from '../../emulator/authorization';
import type { Cell, TemplateMatrix } from '../matrix/template-matrix';
import { decision } from '../matrix/cell';
import { objectOf } from './objects';
import type { Access } from './schema';

/** The statements that decided something, each once. */
export class StatementIndex {
  readonly #statements = new Map<string, Access['statements'][number]>();

  /** Returns the ids of statements, which it finds in the policies that were evaluated. */
  idsOf(places: readonly StatementPlace[], policies: readonly Policy[]): string[] {
    return places.map((place) => this.#idOf(place, policies));
  }

  all(): Access['statements'] {
    return [...this.#statements.values()];
  }

  #idOf(place: StatementPlace, policies: readonly Policy[]): string {
    const text = textOf(place, policies);
    const key = JSON.stringify([place.kind, place.policy, place.statement, text]);
    const known = this.#statements.get(key) ?? { id: `S${this.#statements.size + 1}`, ...place, text };
    this.#statements.set(key, known);
    return known.id;
  }
}

/**
 * Returns who may do what with a vault: the allowed requests, those that a statement denies, and what service control
 * policies leave of the allowed ones.
 */
export async function accessOf(
  { principals, requests, cells }: TemplateMatrix,
  control: readonly Policy[],
  index: StatementIndex,
): Promise<Access> {
  const decided = cells.filter(({ decision: { allowed, by } }) => allowed || by.length > 0);
  const bound = await Promise.all(decided.map((cell) => underControl(cell, control)));
  const decisions = decided.map((cell, position) => decisionOf(cell, bound[position], control, index));
  return {
    principals: principals.map(({ name, roleArn: arn, logicalId, unknown }) => {
      return { name, arn, ...(logicalId !== undefined && { logicalId }), unknownPolicies: [...unknown] };
    }),
    requests: requests.map(({ name, action }) => ({ name, action, ...objectOf(name, action) })),
    decisions,
    statements: index.all(),
  };
}

function decisionOf(cell: Cell, bound: Decision | undefined, control: readonly Policy[], index: StatementIndex) {
  const { principal, request, decision: own } = cell;
  const by = index.idsOf(own.by, policiesOf(cell));
  const denied = own.allowed && bound?.allowed === false ? index.idsOf(bound.by, control) : undefined;
  return {
    principal: principal.name,
    request: request.name,
    result: own.allowed ? ('allowed' as const) : ('denied' as const),
    by,
    ...(denied && { deniedByControl: denied }),
  };
}

/** Decides under service control policies. They only take away: what is denied without them needs no second decision. */
function underControl({ request, principal, decision: own }: Cell, control: readonly Policy[]): Promise<Decision> {
  return control.length === 0 || !own.allowed ? Promise.resolve(own) : decision(request, principal, control);
}

function policiesOf({ principal, request }: Cell): readonly Policy[] {
  const { resourcePolicy, endpointPolicy } = request;
  return [...principal.policies, principal.boundary, resourcePolicy, endpointPolicy].filter((policy) => policy !== undefined); // prettier-ignore
}

/** Returns a statement's JSON; empty if no known policy has it. */
function textOf({ policy: name, statement }: StatementPlace, policies: readonly Policy[]): string {
  const document = policies.find((policy) => policy.name === name)?.document;
  const found = document?.Statement.find(({ Sid }, position) => (Sid ?? `#${position + 1}`) === statement);
  return found === undefined ? '' : JSON.stringify(found);
}
