import { at, isList, isObject, type Json, listOf } from '../json';
import type { AuditedStack } from './stacks';

const RULE = 'AWS::Events::Rule';
const ALARM = 'AWS::CloudWatch::Alarm';

interface ReportingRule {
  readonly name: string;
  readonly source: string;
  readonly names: readonly unknown[];
}

/** The rules of templates that report calls in CloudTrail, and the alarms on metrics. */
export class AlarmRules {
  readonly #rules: readonly ReportingRule[];
  readonly #alarms: readonly { readonly name: string; readonly text: string }[];

  /** @param environment - only rules of this environment's vault; those of `IdentityAlarms` name it too */
  constructor(stacks: readonly AuditedStack[], environment: string) {
    this.#rules = stacks.flatMap(({ template }) =>
      Object.entries(template.Resources).flatMap(([id, body]) => {
        const pattern = at(body, 'Properties', 'EventPattern') as Json | undefined;
        const isOn = body.Type === RULE && at(body, 'Properties', 'State') === 'ENABLED';
        if (!isOn || pattern === undefined || !JSON.stringify(body).includes(environment)) return [];
        const name = at(body, 'Properties', 'Name');
        return [{ name: typeof name === 'string' ? name : id, source: JSON.stringify(at(pattern, 'source') ?? ''), names: eventNames(pattern) }]; // prettier-ignore
      }),
    );
    this.#alarms = stacks.flatMap(({ template }) =>
      Object.entries(template.Resources).flatMap(([id, body]) => {
        const text = JSON.stringify(body);
        const name = at(body, 'Properties', 'AlarmName');
        if (body.Type !== ALARM || !text.includes(environment)) return [];
        return [{ name: typeof name === 'string' ? name : id, text }];
      }),
    );
  }

  /** Returns the names of the alarms on a metric. */
  onMetric(metric: string): readonly string[] {
    return this.#alarms.filter(({ text }) => text.includes(`"MetricName":"${metric}"`)).map(({ name }) => name);
  }

  /** Returns the names of the rules that report an action. */
  of(action: string): readonly string[] {
    const [service = '', call = ''] = action.split(':');
    return this.#rules
      .filter(({ source, names }) => source.includes(`"aws.${service}"`) && names.some((name) => reports(name, call))) // prettier-ignore
      .map(({ name }) => name);
  }
}

/** Returns every pattern of an event's name, those of alternatives included. */
function eventNames(pattern: Json): readonly Json[] {
  if (isList(pattern)) return pattern.flatMap(eventNames);
  if (!isObject(pattern)) return [];
  return Object.entries(pattern).flatMap(([name, value]) => (name === 'eventName' ? listOf(value) : eventNames(value)));
}

/** Returns whether a pattern reports a call: Lambda's events end in a date and a version. */
function reports(pattern: unknown, call: string): boolean {
  const prefix = at(pattern, 'prefix');
  if (typeof prefix === 'string') return call.startsWith(prefix);
  return typeof pattern === 'string' && (pattern === call || /^\d{8}(?:v\d)?$/.test(pattern.slice(call.length)) && pattern.startsWith(call)); // prettier-ignore
}
