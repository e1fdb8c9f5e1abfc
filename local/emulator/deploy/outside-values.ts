import { TemplateError } from '../template';
import type { LinkedSource } from './read';

/**
 * Throws `TemplateError` if values are missing that stacks need from outside: parameters without a default, and
 * parameters in Parameter Store of the resources that run here. Lists all of them, each with its stack.
 */
export function requireValues({ template, missing }: LinkedSource): void {
  const { file } = template.resolver.template;
  if (missing.length > 0) {
    throw new TemplateError(
      `${file}: expected a value of each parameter without a default, got none of ${missing.join(', ')}: give it by --parameter NAME=VALUE`,
    );
  }
  const stored = template.missingStored();
  if (stored.length > 0) {
    const listed = stored.map(({ name, logicalIds }) => `${name} (${logicalIds.join(', ')})`);
    throw new TemplateError(
      `${file}: expected each parameter in Parameter Store that a resource uses, got none of ${listed.join(', ')}: give it by --ssm-parameter NAME=VALUE, or deploy the stack that publishes it`,
    );
  }
}
