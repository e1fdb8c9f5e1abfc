import type { LambdaEndpoint } from '../services/functions/endpoint';
import type { TriggerPart, StackTemplate } from '../template';
import { runsHere } from './runs-here';
import type { Gate } from './gate';
import type { Identities } from './identities';
import { requireInvoke } from './invocations';

export interface TriggersOptions {
  readonly template: StackTemplate;
  readonly identities: Identities;
  readonly gate: Gate;
  readonly lambda: LambdaEndpoint;
}

/**
 * Invokes the trigger functions of each deploy, in the template's order, with the role of CDK's helper function. Throws
 * if an invocation fails. The helper's own code doesn't run: it retries for a minute after an `AccessDeniedException`
 * until a new policy has propagated, and here policies take effect at once.
 */
export async function runTriggers(of: TriggersOptions): Promise<number> {
  const triggers = of.template.triggers();
  for (const trigger of triggers) await run(trigger, of);
  return triggers.length;
}

async function run(trigger: TriggerPart, of: TriggersOptions): Promise<void> {
  const { logicalId, qualifier } = trigger;
  const { template, gate, identities, lambda } = of;
  const part = template.functions().find((each) => each.logicalId === trigger.function);
  const { file } = template.resolver.template;
  if (part === undefined) throw new Error(`${file}: ${logicalId}: expected a function of the template, got another`);
  if (!runsHere(part))
    throw new Error(`${file}: ${logicalId}: expected code of ${part.logicalId} that runs here, got other code`);
  const { name } = part;
  const helper = template.functions().find(({ arn }) => arn === template.resolver.property(logicalId, 'ServiceToken'));
  if (helper !== undefined) {
    const principal = { ...identities.functionRole(helper), sourceFunctionArn: helper.arn };
    await requireInvoke(gate, { principal }, { name, qualifier });
  }
  const { functionError, body } = await lambda.invoke(name, '{}', qualifier ?? '$LATEST');
  // the error of a handler contains no values
  if (functionError) throw new Error(`${logicalId}: expected ${name} to succeed, got ${body}`);
}
