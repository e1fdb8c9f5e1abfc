import type { LambdaEndpoint } from '../services/functions/endpoint';
import type { StackTemplate } from '../template';
import type { Gate } from './gate';
import { invokeAsService } from './invocations';

/**
 * Invokes a rule's functions with the rule's input, as EventBridge does on its schedule. Schedules do not run here.
 * Throws if the rule doesn't exist, or if an invocation is refused or fails.
 *
 * @param named the rule's logical id or name
 */
export async function fireRule(
  named: string,
  of: {
    readonly template: StackTemplate;
    readonly account: string;
    readonly gate: Gate;
    readonly lambda: LambdaEndpoint;
  },
): Promise<void> {
  const { template, account, gate, lambda } = of;
  const rule = template.eventRules().find(({ logicalId, name }) => logicalId === named || name === named);
  if (rule === undefined) throw new TypeError(`expected a rule of the template, got ${JSON.stringify(named)}`);
  for (const target of rule.targets) {
    const name = template.functions().find(({ logicalId }) => logicalId === target.function)?.name;
    if (name === undefined) continue;
    const event = target.input ?? JSON.stringify({ source: 'aws.events', resources: [rule.arn], detail: {} });
    const call = { service: 'events', sourceArn: rule.arn, name, qualifier: target.qualifier ?? '$LATEST', event };
    const { functionError, body } = await invokeAsService(lambda, gate, account, call);
    if (functionError) throw new Error(`${rule.logicalId}: expected ${name} to succeed, got ${body}`);
  }
}
