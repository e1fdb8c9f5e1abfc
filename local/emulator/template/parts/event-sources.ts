import * as v from 'valibot';
import { flag, text, wholeNumber } from '../fields';
import type { Resources } from '../resources';
import { type FunctionTarget, targetOf } from './functions';

export const EVENT_SOURCE = 'AWS::Lambda::EventSourceMapping';

/** A queue or stream that invokes a function. */
export interface EventSourcePart extends FunctionTarget {
  readonly logicalId: string;
  /** undefined for sources without an ARN, such as self-managed Kafka */
  readonly sourceArn: string | undefined;
  /** undefined for the source's default */
  readonly batchSize: number | undefined;
  readonly enabled: boolean;
}

const FIELDS = {
  FunctionName: text,
  EventSourceArn: v.optional(text),
  BatchSize: v.optional(wholeNumber),
  Enabled: v.optional(flag, true),
};

export function readEventSources(resources: Resources): readonly EventSourcePart[] {
  return resources.of(EVENT_SOURCE, FIELDS).map(({ logicalId, properties }) => ({
    logicalId,
    ...targetOf(properties.FunctionName, resources),
    sourceArn: properties.EventSourceArn,
    batchSize: properties.BatchSize,
    enabled: properties.Enabled,
  }));
}
