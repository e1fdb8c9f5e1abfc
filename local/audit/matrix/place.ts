import { basename } from 'node:path';
import { parseTemplate, StackTemplate } from '../../emulator/template';
import { arn as arnIn } from '../../emulator/template/deployment';

/** The account and region of the matrix: it evaluates templates as if they were deployed there. */
export const ACCOUNT = '111111111111';
export const REGION = 'eu-central-1';
/** The account that the actor `partner` is open to. */
export const PARTNER_ACCOUNT = '333333333333';

/** Returns an ARN in that account and region, whether or not a template has the resource. */
export function arn(service: string, resource: string): string {
  return arnIn({ stack: '', account: ACCOUNT, region: REGION }, service, resource);
}

/** Returns a template as it would be deployed there. Its file has the stack's name and lies beside the assets. */
export function deployedTemplate(file: string, template: unknown): StackTemplate {
  const stack = basename(file, '.template.json');
  return new StackTemplate(parseTemplate(template, file), { stack, account: ACCOUNT, region: REGION });
}
