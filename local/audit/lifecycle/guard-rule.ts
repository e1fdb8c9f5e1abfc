import type { Finding } from './finding';
import { literal, liftsProtection } from './protection-guard';
import { type Resource, resourcesOf, type TemplateJson } from './template';

/** How an `AwsCustomResource` chooses its physical id within a call. */
const CONSTANT_ID = /"physicalResourceId":\{"id":"([^"$]+)"\}/;

/**
 * Finds custom resources that lift a deletion protection at another time than a rollback. CloudFormation sends `Delete`
 * whenever one is given up: taken out, deleted with its stack, or replaced because its physical id changed.
 */
export function guardsRunOnRollbackOnly(template: TemplateJson): readonly Finding[] {
  const resources = resourcesOf(template);
  return [...resources.values()]
    .filter((resource) => liftsProtection(resource, resources))
    .flatMap((guard) =>
      problemsOf(guard).map((problem) => ({ rule: 'guardsRunOnRollbackOnly', resource: guard.id, problem })),
    );
}

function problemsOf({ properties, onDelete, onReplace }: Resource): readonly string[] {
  const ids = [properties.Create, properties.Update].flatMap((call) => (call === undefined ? [] : [idOf(call)]));
  const changing = ids.includes(null) || new Set(ids.filter((id) => id !== undefined)).size > 1;
  return [
    ...(onDelete === 'retained unless it was just created'
      ? []
      : [`expected a DeletionPolicy of RetainExceptOnCreate, got one by which it is ${onDelete}`]),
    ...(onReplace === 'retained'
      ? []
      : [`expected an UpdateReplacePolicy of Retain, got one by which it is ${onReplace}`]),
    ...(changing ? ['expected one constant physical id for Create and Update, got one that can change'] : []),
  ];
}

/** Returns the constant id; undefined if the call leaves it to CloudFormation; null if it comes from somewhere else. */
function idOf(call: unknown): string | null | undefined {
  const text = literal(call);
  if (!text.includes('"physicalResourceId"')) return undefined;
  return CONSTANT_ID.exec(text)?.[1] ?? null;
}
