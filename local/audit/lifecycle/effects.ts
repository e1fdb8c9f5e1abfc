import { isDeepStrictEqual } from 'node:util';
import { type Change, changesBetween } from './changes';
import { physicalName } from './physical-names';
import { recordsStayReadable } from './readability-rule';
import { refusals } from './refusals';
import { isCustomResource } from './replacement-properties';
import { retainedUnderAName } from './retained-name-rule';
import { type Resource, resourcesOf, type TemplateJson } from './template';

/** The effects of an update beyond changes in place, by logical ids. An empty list is left out. */
export interface Effects {
  /** Why CloudFormation or a service refuses the update; all else is then rolled back. */
  readonly refused?: readonly string[];
  /** Why records that exist can't be opened afterwards. */
  readonly unreadable?: readonly string[];
  readonly replaced?: readonly string[];
  readonly mayBeReplaced?: readonly string[];
  /** Former physical resources that the update deletes; those of a replacement count. */
  readonly deleted?: readonly string[];
  /** Former physical resources that outlive the update outside of every stack. */
  readonly orphaned?: readonly string[];
  readonly renamed?: readonly string[];
  /** Orphaned ones with a name that the same stack would take again: putting the resource back fails. */
  readonly blocksReturn?: readonly string[];
}

/**
 * Types that hold nothing, and that nothing outside of the template knows: their replacement or deletion is part of an
 * ordinary update. One that is orphaned is reported all the same.
 */
const MINOR: readonly RegExp[] = [
  /^AWS::Lambda::(EventInvokeConfig|Permission|Version)$/,
  /^AWS::IAM::(ManagedPolicy|Policy|Role)$/,
  /^AWS::CloudWatch::Alarm$/,
  /^AWS::Logs::MetricFilter$/,
  /^AWS::Events::Rule$/,
  /^AWS::EC2::(FlowLog|RouteTable|SubnetRouteTableAssociation|SecurityGroup(Ingress|Egress))$/,
  /^AWS::ApiGatewayV2::(Integration|Route)$/,
  /^AWS::Backup::Backup(Plan|Selection)$/,
  /^AWS::SNS::(TopicPolicy|Subscription)$/,
];

/** Returns the resources that an update from one template to another replaces, orphans, deletes or makes unreadable. */
export function effectsOf(before: TemplateJson, after: TemplateJson): Effects {
  const refused = refusals(before, after).map(({ resource, problem }) => `${resource}: ${problem}`);
  if (refused.length > 0) return { refused };
  const changes = changesBetween(before, after).filter(isReported);
  const orphaned = idsOf(changes, ({ action, former }) => isKept(former) && action !== 'may be replaced');
  const named = retainedUnderAName(before);
  return withoutEmpty({
    unreadable: recordsStayReadable(before, after).map(({ resource, problem }) => `${resource}: ${problem}`),
    replaced: idsOf(changes, ({ action }) => action === 'replaced'),
    mayBeReplaced: idsOf(changes, ({ action }) => action === 'may be replaced'),
    deleted: idsOf(
      changes,
      ({ action, former }) => former !== undefined && !isKept(former) && action !== 'may be replaced',
    ),
    orphaned,
    renamed: renamed(before, after),
    blocksReturn: orphaned.filter((id) => named.includes(id)),
  });
}

function isReported({ type, former }: Change): boolean {
  // a custom resource is a call of a function: nothing of it can be left behind
  return !isCustomResource(type) && (isKept(former) || !MINOR.some((pattern) => pattern.test(type)));
}

function isKept(former: Change['former']): boolean {
  return former === 'retained' || former === 'retained unless it was just created';
}

function idsOf(changes: readonly Change[], test: (change: Change) => boolean): readonly string[] {
  return changes.filter(test).map(({ id }) => id);
}

function renamed(before: TemplateJson, after: TemplateJson): readonly string[] {
  const next = resourcesOf(after);
  const nameOf = (resource: Resource | undefined): unknown => resource && physicalName(resource)?.value;
  return [...resourcesOf(before).values()]
    .filter(({ id }) => next.has(id))
    .filter((resource) => !isDeepStrictEqual(nameOf(resource), nameOf(next.get(resource.id))))
    .map(({ id }) => id);
}

function withoutEmpty(effects: Effects): Effects {
  return Object.fromEntries(Object.entries(effects).filter(([, list]) => (list as readonly string[]).length > 0));
}
