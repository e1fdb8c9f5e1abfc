import { CommandFailure } from './command';
import { printable } from './printable';

/**
 * The ARN that a parameter names, where it is of the parameter's own account and region. Parameters are easier to change
 * than keys: a vault never publishes another account's, so whoever put one there wants something.
 */
export function requireOwnArn(arn: string, parameterArn: string | undefined): string {
  const [, , , region, account] = arn.split(':');
  const [, , , ownRegion, ownAccount] = parameterArn?.split(':') ?? [];
  if (account !== undefined && account === ownAccount && region === ownRegion) return arn;
  throw new CommandFailure(
    `${printable(parameterArn ?? 'a parameter')}: expected an ARN of its own account and region, got ${printable(arn)}: has it been tampered with`,
  );
}
