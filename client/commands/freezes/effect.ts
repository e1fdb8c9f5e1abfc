import { CONFIRM_MINUTES, type FreezeFact } from '../../../lambda/contract/freezes';
import { printable } from '../printable';

/** Describes what a freeze stops. */
export function effectOf({ scope, name }: { readonly scope: string; readonly name?: string | undefined }): string {
  switch (scope) {
    case 'all':
      return 'no record is opened, and none is resealed';
    case 'callers':
      return 'no record is opened for a caller; reseals go on';
    case 'actor':
      return `no record is opened for the actor ${printable(name ?? '')}`;
    case 'kind':
      return `no record of the kind ${printable(name ?? '')} is opened`;
    default:
      return printable(scope);
  }
}

/** Returns when the last request to thaw can no longer be confirmed, in milliseconds since 1970; undefined without one. */
export function confirmUntil({ thawRequestedAt }: FreezeFact): number | undefined {
  return thawRequestedAt === undefined ? undefined : Date.parse(thawRequestedAt) + CONFIRM_MINUTES * 60_000;
}
