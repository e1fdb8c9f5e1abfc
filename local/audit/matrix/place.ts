import { arn as arnIn } from '../../emulator/template/deployment';

/** Where the templates are taken to be deployed. */
export const ACCOUNT = '111111111111';
export const REGION = 'eu-central-1';
/** The account that the actor `partner` is open to. */
export const PARTNER = '333333333333';

/** Of something that stands there, in a template or not. */
export function arn(service: string, resource: string): string {
  return arnIn({ stack: '', account: ACCOUNT, region: REGION }, service, resource);
}
