import { randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '../states/json';

/** An event as EventBridge sends it to a target. */
export interface BusEvent extends JsonObject {
  readonly version: '0';
  readonly id: string;
  /** such as `KMS CMK Rotation` */
  readonly 'detail-type': string;
  /** such as `aws.kms` */
  readonly source: string;
  /** 12 digits */
  readonly account: string;
  /** ISO 8601, in seconds */
  readonly time: string;
  readonly region: string;
  /** ARNs */
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

/** The members of an event that differ between events. */
export interface NewEvent {
  readonly type: string;
  readonly source: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, Json>>;
}

/** Returns an event of now, with an id of its own. */
export function newEvent(
  { type, source, resources, detail }: NewEvent,
  { account, region }: { readonly account: string; readonly region: string },
): BusEvent {
  const time = new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
  return { version: '0', id: randomUUID(), 'detail-type': type, source, account, time, region, resources, detail };
}
