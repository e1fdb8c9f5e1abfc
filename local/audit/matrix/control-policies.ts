import changes from '../../../docs/scp-changes.json';
import roles from '../../../docs/scp-roles.json';
import use from '../../../docs/scp.json';
import { Policy } from '../../emulator/authorization';

/** The sample service control policies, by the file that holds each. */
export const CONTROL_DOCUMENTS: Readonly<Record<string, ControlDocument>> = {
  'docs/scp.json': use,
  'docs/scp-changes.json': changes,
  'docs/scp-roles.json': roles,
};

export interface ControlDocument {
  readonly Version: string;
  readonly Statement: readonly { readonly Sid: string }[];
}

/** All samples, as they are attached together. */
export const CONTROL_POLICIES = readAll(CONTROL_DOCUMENTS);

export function readAll(documents: Readonly<Record<string, object>>): readonly Policy[] {
  return Object.entries(documents).map(([file, document]) => {
    return Policy.read(file, JSON.parse(asEvaluated(JSON.stringify(document))));
  });
}

/**
 * Respells ARNs of HTTP APIs, in policies and in requests alike: the evaluator's catalogue knows the same actions, of the
 * same service, for REST APIs only.
 */
export function asEvaluated(text: string): string {
  return text.replaceAll('::/apis/', '::/restapis/');
}
