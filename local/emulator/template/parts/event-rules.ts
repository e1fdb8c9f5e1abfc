import * as v from 'valibot';
import { dictionary, text } from '../fields';
import type { Resources } from '../resources';
import { type FunctionTarget, targetOf } from './functions';
import { machineWith } from './state-machines';

export const RULE = 'AWS::Events::Rule';

/** An EventBridge rule: invokes its targets on a schedule, or on events that match a pattern. */
export interface EventRulePart {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly enabled: boolean;
  /** `rate(1 day)` or `cron(…)`; undefined if only a pattern is set */
  readonly schedule: string | undefined;
  readonly pattern: Readonly<Record<string, unknown>> | undefined;
  readonly targets: readonly EventTarget[];
}

export interface EventTarget extends FunctionTarget {
  readonly id: string;
  readonly arn: string;
  /** JSON that the target receives instead of the event */
  readonly input: string | undefined;
  /** logical id of the state machine; undefined if the target is none of the template */
  readonly stateMachine: string | undefined;
  /** the role with which EventBridge calls the target; undefined if it calls with its own name */
  readonly roleArn: string | undefined;
  /** true if the target receives a part of the event, or a text made of its parts */
  readonly transformed: boolean;
}

const TARGET = v.object({
  Id: text,
  Arn: text,
  Input: v.optional(text),
  RoleArn: v.optional(text),
  InputPath: v.optional(v.unknown()),
  InputTransformer: v.optional(v.unknown()),
});
const FIELDS = {
  State: v.optional(v.picklist(['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS']), 'ENABLED'),
  ScheduleExpression: v.optional(text),
  EventPattern: v.optional(dictionary(v.unknown())),
  Targets: v.optional(v.array(TARGET), []),
};

export function readEventRules(resources: Resources): readonly EventRulePart[] {
  return resources.of(RULE, FIELDS).map(({ logicalId, properties }) => ({
    logicalId,
    name: resources.resolver.name(logicalId),
    arn: resources.resolver.name(logicalId, 'Arn'),
    enabled: properties.State !== 'DISABLED',
    schedule: properties.ScheduleExpression,
    pattern: properties.EventPattern,
    targets: properties.Targets.map((target) => targetPart(target, resources)),
  }));
}

function targetPart(target: v.InferOutput<typeof TARGET>, resources: Resources): EventTarget {
  const { Id: id, Arn: arn, Input: input, RoleArn: roleArn, InputPath, InputTransformer } = target;
  return {
    ...{ id, arn, input, roleArn, ...targetOf(arn, resources) },
    stateMachine: machineWith(arn, resources),
    transformed: InputPath !== undefined || InputTransformer !== undefined,
  };
}
