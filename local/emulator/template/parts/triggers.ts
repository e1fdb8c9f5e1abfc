import * as v from 'valibot';
import { text, wholeNumber } from '../fields';
import type { Resources } from '../resources';
import { targetOf } from './functions';

export const TRIGGER = 'Custom::Trigger';

/** A function that runs once in each deploy, such as a migration. */
export interface TriggerPart {
  readonly logicalId: string;
  /** logical id; undefined if the template lacks the function */
  readonly function: string | undefined;
  /** a version's number */
  readonly qualifier: string | undefined;
  /** whether the deploy waits for its response */
  readonly waits: boolean;
  readonly timeoutMs: number;
}

const FIELDS = {
  HandlerArn: text,
  InvocationType: v.optional(text, 'RequestResponse'),
  Timeout: v.optional(wholeNumber, 120_000),
};

export function readTriggers(resources: Resources): readonly TriggerPart[] {
  return resources.of(TRIGGER, FIELDS).map(({ logicalId, properties }) => ({
    logicalId,
    ...targetOf(properties.HandlerArn, resources),
    waits: properties.InvocationType === 'RequestResponse',
    timeoutMs: properties.Timeout,
  }));
}
