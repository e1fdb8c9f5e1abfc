import type { CheckName } from '../../checks';
import type { Rule } from '../../checks/finding';
import type { Statement } from '../../checks/statements';
import type { Resource } from '../../checks/template';

/** The parts of a report's list of controls, in its order. */
export const AREAS = ['keys', 'roles', 'database', 'functions', 'network', 'secrets', 'watch', 'webhook', 'state', 'runs'] as const; // prettier-ignore
export type Area = (typeof AREAS)[number];

/** The ids under which standards have a control. */
export interface Standards {
  /** controls of AWS Security Hub; nearly all are in its standard FSBP */
  readonly hub?: readonly string[];
  /** CIS AWS Foundations Benchmark 5.0.0 */
  readonly cis?: readonly string[];
  /** rules of cdk-nag 3 */
  readonly nag?: readonly string[];
}

/** Ids that a scanner reports about a vault all the same. */
export interface Exception {
  readonly ids: readonly string[];
  readonly reason: string;
}

/** A place of a template that shows a control. */
export interface Look {
  readonly type: string;
  readonly among: (resource: Resource) => boolean;
  /** the member below `Properties`, or an attribute such as `DeletionPolicy` */
  readonly property: string;
  /** what the value has to be; undefined for a value that the checks judge */
  readonly rule?: Rule;
  /** for a policy: its statements that show the control */
  readonly statements?: (statement: Statement) => boolean;
}

/** A control that a template can show. */
export interface Control {
  /** stable across releases: other programs may refer to it */
  readonly id: string;
  readonly title: string;
  readonly area: Area;
  readonly standards: Standards;
  /** ids of the standards that a vault does not meet here, each group with the reason */
  readonly exceptions?: readonly Exception[];
  /** only vaults with these resources have it: without any, it does not apply */
  readonly optional?: boolean;
  readonly looks: readonly Look[];
  /** checks of `local/audit/checks`: a finding of one is a problem of the control */
  readonly checks: readonly CheckName[];
  /** what no template can show */
  readonly beyond: string;
  /** how to see that in the account */
  readonly confirm: string;
}

type Controls = readonly Omit<Control, 'area'>[];

/** Gives the controls of one file their area. */
export function controlsOf(area: Area, controls: Controls): readonly Control[] {
  return controls.map((control) => ({ ...control, area }));
}

const any = (): boolean => true;

/** Returns a look at one property of each resource of a type. */
export function property(type: string, name: string, rule?: Rule, among: Look['among'] = any): Look {
  return { type, property: name, among, ...(rule && { rule }) };
}

/** Returns a look at the statements of each policy of a type. */
export function policy(
  type: string,
  name: string,
  statements: Look['statements'] = any,
  among: Look['among'] = any,
): Look {
  // prettier-ignore
  return { type, property: name, among, statements };
}
