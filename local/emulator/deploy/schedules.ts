import { isSchedule } from '../services/events/schedule';
import { type StackTemplate, TemplateError } from '../template';

/** Throws `TemplateError` if EventBridge would refuse a rule's schedule. */
export function requireSchedules(template: StackTemplate): void {
  for (const { logicalId, schedule } of template.eventRules()) {
    if (schedule === undefined || isSchedule(schedule)) continue;
    const { file } = template.resolver.template;
    const message = `expected a schedule such as rate(1 day) or cron(0 3 * * ? *), got ${JSON.stringify(schedule)}`;
    throw new TemplateError(`${file}: ${logicalId}: ${message}`);
  }
}
