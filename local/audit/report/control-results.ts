import { CHECKS } from '../checks';
import type { Rule } from '../checks/finding';
import { statements } from '../checks/statements';
import { type Resource, at, list } from '../checks/template';
import { show } from '../finding';
import type { Json } from '../json';
import type { Pointers } from './pointers';
import { CONTROLS, type Control, type Look } from './controls';
import type { ReferenceTemplate } from './reference-template';
import type { ControlReport, Evidence, Verdict } from './schema';

/**
 * Returns each control with the places of the template that show it, and the problems that checks find. A problem that
 * the allow-list has too is a defect. Another is about a choice that an owner has: the checks know one vault only.
 */
export function controlResults(reference: ReferenceTemplate, pointers: Pointers): readonly ControlReport[] {
  const found = new Map(Object.entries(CHECKS).map(([check, find]) => [check, find(reference.template)] as const));
  return CONTROLS.map((control) => {
    const evidence = control.looks.flatMap((look) => evidenceOf(look, reference));
    const problems = control.checks.flatMap((check) =>
      (found.get(check) ?? []).flatMap(({ resource, problem }) => {
        const id = reference.idOf(resource);
        const at = placesOf(id, resource, evidence, pointers);
        // the allow-list knows which parts a vault may lack
        return id === undefined && at.length === 0 ? [] : [{ check, resource: id ?? resource, problem, at }];
      }),
    );
    const marked = evidence.map((each) => ({ ...each, holds: each.holds && !problems.some((one) => isAbout(one, each)) })); // prettier-ignore
    return { ...described(control), verdict: verdictOf(control, marked, problems), evidence: marked, problems };
  });
}

function described({ id, area, title, standards, exceptions = [], beyond, confirm }: Control) {
  return {
    id,
    area,
    title,
    standards: {
      securityHub: [...(standards.hub ?? [])],
      cis: [...(standards.cis ?? [])],
      cdkNag: [...(standards.nag ?? [])],
    },
    exceptions: exceptions.map(({ ids, reason }) => ({ ids: [...ids], reason })),
    beyond,
    confirm,
  };
}

type Place = ControlReport['problems'][number]['at'][number];

/** Returns where a problem is: the control's own properties with another value, else what the allow-list finds. */
function placesOf(id: string | undefined, name: string, evidence: readonly Evidence[], pointers: Pointers): Place[] {
  if (id === undefined) return [...pointers.ofMissing(name)];
  const differing = evidence.filter(({ resource, holds }) => resource === id && !holds);
  if (differing.length === 0) return [...pointers.of(id)];
  return differing.map(({ resource, property }) => ({ resource, property }));
}

/** Returns whether a problem is at the place of a piece of evidence, or within it. */
function isAbout({ at: places }: ControlReport['problems'][number], evidence: Evidence): boolean {
  return places.some(
    ({ resource, property }) =>
      resource === evidence.resource &&
      (property === evidence.property || property.startsWith(`${evidence.property}.`)),
  );
}

function verdictOf(control: Control, evidence: readonly Evidence[], problems: ControlReport['problems']): Verdict {
  if (problems.some(({ at: places }) => places.length > 0) || evidence.some(({ holds }) => !holds)) return 'fails';
  if (evidence.length === 0) {
    if (problems.length > 0) return 'review';
    return control.optional === true ? 'not applicable' : 'fails';
  }
  return problems.length > 0 ? 'review' : 'holds';
}

function evidenceOf(look: Look, { template, idOf }: ReferenceTemplate): readonly Evidence[] {
  return template.resources
    .filter((resource) => resource.type === look.type && look.among(resource))
    .flatMap((resource) => {
      const from = { resource: idOf(resource.id) ?? resource.id, type: resource.type };
      return look.statements ? statementsOf(look, resource, from) : [propertyOf(look, resource, from)];
    });
}

type From = Pick<Evidence, 'resource' | 'type'>;

const ATTRIBUTES: Readonly<Record<string, keyof Resource>> = {
  DeletionPolicy: 'deletionPolicy',
  UpdateReplacePolicy: 'updateReplacePolicy',
};

function propertyOf({ property, rule }: Look, resource: Resource, from: From): Evidence {
  const attribute = ATTRIBUTES[property];
  const value = attribute === undefined ? memberAt(resource.properties, property) : resource[attribute];
  return {
    ...from,
    property: attribute === undefined ? `Properties.${property}` : property,
    value: show(value as Json | undefined, property),
    expected: rule?.expected ?? '',
    holds: holds(rule, value),
  };
}

/** Returns a member by its dotted path; a name of the path may contain dots itself, as `rds.force_ssl` does. */
function memberAt(value: unknown, path: string): unknown {
  const direct = at(value, path);
  if (direct !== undefined || !path.includes('.')) return direct;
  const dots = [...path.matchAll(/\./g)].map(({ index }) => index);
  for (const dot of dots) {
    const inner = at(value, path.slice(0, dot));
    if (inner !== undefined) return memberAt(inner, path.slice(dot + 1));
  }
  return undefined;
}

function holds(rule: Rule | undefined, value: unknown): boolean {
  return rule === undefined || rule.holds(value);
}

function statementsOf(
  { property, statements: wanted }: Look,
  { properties }: Resource,
  from: From,
): readonly Evidence[] {
  // prettier-ignore
  const document = at(properties, property);
  const raw = list(at(document, 'Statement'));
  return statements(document).flatMap((statement, index) => {
    if (wanted?.(statement) === false) return [];
    const name = statement.sid ?? `#${index + 1}`;
    return [
      {
        ...from,
        property: `Properties.${property}.Statement[${name}]`,
        value: JSON.stringify(raw[index]),
        expected: '',
        holds: true,
      },
    ];
  });
}
