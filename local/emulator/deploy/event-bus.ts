import { randomUUID } from 'node:crypto';
import { type BusEvent, type NewEvent, newEvent } from '../services/events/event';
import { type Matches, readPattern } from '../services/events/pattern';
import type { LambdaEndpoint } from '../services/functions/endpoint';
import type { LocalStates } from '../services/states';
import type { EventRulePart, EventTarget, Skipped, StackTemplate } from '../template';
import type { Authority } from './authority';
import type { Gate } from './gate';
import type { Identities } from './identities';
import { invokeAsService } from './invocations';
import type { StackPlace } from './place';
import { serviceSession } from './service-session';

export interface EventBusOptions {
  readonly template: StackTemplate;
  readonly place: StackPlace;
  readonly authority: Authority;
  readonly identities: Identities;
  readonly gate: Gate;
  readonly lambda: LambdaEndpoint;
  readonly states: LocalStates;
}

/** A rule with a pattern that runs here. */
interface Rule {
  readonly part: EventRulePart;
  readonly matches: Matches;
}

/**
 * The default event bus: sends the events of local services to the functions and state machines of matching rules.
 * Schedules do not run here: `fire` runs a rule.
 */
export class EventBus {
  readonly #options: EventBusOptions;
  readonly #rules: readonly Rule[];
  readonly #underway = new Set<Promise<unknown>>();

  constructor(options: EventBusOptions) {
    this.#options = options;
    this.#rules = runningRules(options.template);
  }

  /** Sends an event. The trail has the refusals; a failed target does not concern the sender. */
  send(event: NewEvent): void {
    const sent = newEvent(event, this.#options.place);
    for (const { part } of this.#rules.filter(({ matches }) => matches(sent))) {
      const work = this.#run(part, sent).catch(() => undefined);
      this.#underway.add(work);
      void work.finally(() => this.#underway.delete(work));
    }
  }

  /**
   * Runs a rule's targets with the rule's input, as EventBridge does on its schedule. Throws if the rule doesn't exist, or
   * if a target refuses or fails.
   *
   * @param named the rule's logical id or name
   */
  async fire(named: string): Promise<void> {
    const { template, place } = this.#options;
    const rule = template.eventRules().find(({ logicalId, name }) => logicalId === named || name === named);
    if (rule === undefined) throw new TypeError(`expected a rule of the template, got ${JSON.stringify(named)}`);
    const scheduled = { type: 'Scheduled Event', source: 'aws.events', resources: [rule.arn], detail: {} };
    await this.#run(rule, newEvent(scheduled, place));
  }

  /** Waits for the targets that run. */
  async close(): Promise<void> {
    await Promise.all(this.#underway);
  }

  async #run(rule: EventRulePart, event: BusEvent): Promise<void> {
    for (const target of rule.targets) {
      const input = target.input ?? JSON.stringify(event);
      if (target.function !== undefined) await this.#invoke(rule, target, input);
      else if (target.stateMachine !== undefined) await this.#start(rule, target, input);
    }
  }

  async #invoke({ logicalId, arn: sourceArn }: EventRulePart, target: EventTarget, event: string): Promise<void> {
    const { template, place, gate, lambda } = this.#options;
    const name = template.functions().find((part) => part.logicalId === target.function)?.name;
    if (name === undefined) return;
    const call = { service: 'events', sourceArn, name, qualifier: target.qualifier ?? '$LATEST', event };
    const { functionError, body } = await invokeAsService(lambda, gate, place.account, call);
    if (functionError) throw new Error(`${logicalId}: expected ${name} to succeed, got ${body}`);
  }

  /** Starts an execution with the target's role, under a random name. */
  async #start({ logicalId, arn: sourceArn }: EventRulePart, target: EventTarget, input: string): Promise<void> {
    const { gate, states } = this.#options;
    const { arn: stateMachineArn, roleArn } = target;
    if (roleArn === undefined) throw new Error(`${logicalId}: expected a role to start a state machine, got none`);
    const principal = await serviceSession({ service: 'events', roleArn, sourceArn }, this.#options);
    const call = { operation: 'StartExecution', input: { stateMachineArn, name: randomUUID(), input } };
    const signed = { ...call, service: 'states', protocol: 'json', caller: { principal } } as const;
    await gate.authorise({ ...signed, requestId: randomUUID() });
    states.handle({ ...call, accessKeyId: '' });
  }
}

/** Returns the rules that the bus doesn't run: those on a schedule, with other patterns, or with other targets. */
export function skippedRules(template: StackTemplate): readonly Skipped[] {
  const running = new Set(runningRules(template).map(({ part }) => part.logicalId));
  const skipped = template.eventRules().filter(({ logicalId }) => !running.has(logicalId));
  return skipped.map(({ logicalId }) => ({ type: 'AWS::Events::Rule', logicalId }));
}

function runningRules(template: StackTemplate): readonly Rule[] {
  return template.eventRules().flatMap((part) => {
    const matches = part.pattern && readPattern(part.pattern);
    if (matches === undefined || !part.enabled || !part.targets.some(runsHere)) return [];
    return [{ part, matches }];
  });
}

function runsHere(target: EventTarget): boolean {
  return !target.transformed && (target.function !== undefined || target.stateMachine !== undefined);
}
