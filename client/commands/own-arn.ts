import { CommandFailure } from './command';
import { printable } from './printable';

/**
 * Returns a parameter's ARN if it is of the parameter's own account and region, else throws. Parameters are easier to
 * change than keys, and a vault never publishes another account's ARN: such a one is suspicious.
 */
export function requireOwnArn(arn: string, parameterArn: string | undefined): string {
  const [, , , region, account] = arn.split(':');
  const [, , , ownRegion, ownAccount] = parameterArn?.split(':') ?? [];
  if (account !== undefined && account === ownAccount && region === ownRegion) return arn;
  throw new CommandFailure(
    `${printable(parameterArn ?? 'a parameter')}: expected an ARN of its own account and region, got ${printable(arn)}: has it been tampered with`,
  );
}
