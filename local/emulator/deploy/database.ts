import { randomUUID } from 'node:crypto';
import { AwsError } from '../services/errors';
import type { SignedCall } from '../services/guard';
import type { Authorise } from '../postgres';
import { type TokenDecision, verifyDatabaseToken } from '../signature';
import { type Skipped, TemplateError, type StackTemplate } from '../template';
import type { Gate } from './gate';
import type { Identities } from './identities';
import type { LinkedSource } from './read';

/** Throws `TemplateError` if the stacks have more than one database cluster. */
export function requireOneDatabase({ template, stacks }: Pick<LinkedSource, 'template' | 'stacks'>): void {
  const clusters = template.databases().map(({ logicalId }) => logicalId);
  if (clusters.length <= 1) return;
  const { file } = template.resolver.template;
  const choice = stacks === undefined ? '' : ': choose with --stack NAME';
  throw new TemplateError(
    `${file}: expected one database cluster, got ${clusters.length}: ${clusters.join(', ')}${choice}`,
  );
}

/** A cluster as logins know it. */
export interface LoginCluster {
  /** `cluster-…` */
  readonly resourceId: string;
  readonly iamAuthentication: boolean;
}

/** Returns the cluster of a template. */
export function clusterOf(template: StackTemplate): LoginCluster {
  const { resourceId = 'cluster-NONE', iamAuthentication = false } = template.databases()[0] ?? {};
  return { resourceId, iamAuthentication };
}

export interface LoginsOptions {
  /** Returns the cluster that is logged in to. */
  readonly cluster: () => LoginCluster;
  readonly region: string;
  readonly identities: Identities;
  readonly gate: Gate;
  /** the ports that clients connect to; at least one */
  readonly ports: readonly number[];
}

/** Authorises logins: verifies the token, then the permission. Adds each refusal and its reason to the trail. */
export function databaseLogins({ cluster, region, identities, gate, ports }: LoginsOptions): Authorise {
  return async (user, token) => {
    const { resourceId, iamAuthentication } = cluster();
    const known = { credentials: identities.sessions, region };
    const decisions = ports.map((port) => verifyDatabaseToken(token, { host: 'localhost', port, user }, known));
    const decision = decisions.find(({ accepted }) => accepted) ?? decisions[0] ?? NO_ENDPOINT;
    const principal = decision.accepted ? decision.credential.principal : UNKNOWN;
    const call: SignedCall = {
      ...{ service: 'rds-db', protocol: 'json', operation: 'connect', input: { resourceId, user } },
      caller: { principal, issuedAt: issuedAtOf(decision) },
      requestId: randomUUID(),
    };
    if (decision.accepted && iamAuthentication) return gate.authorise(call).then(() => true, refused);
    gate.refuse(call, decision.accepted ? 'the cluster has no IAM authentication' : `token: ${decision.reason}`);
    return false;
  };
}

const NO_ENDPOINT: TokenDecision = { accepted: false, reason: 'other-endpoint' };
const UNKNOWN = { arn: 'unknown', roleArn: 'unknown', account: '' };

function refused(error: unknown): false {
  if (error instanceof AwsError) return false;
  throw error;
}

/** Returns when the session was issued that signed the token: policies can revoke the sessions of a role by it. */
function issuedAtOf(decision: TokenDecision): Date | undefined {
  const issuedAt = decision.accepted ? decision.credential.issuedAt : undefined;
  return issuedAt === undefined ? undefined : new Date(issuedAt);
}

/** Returns the resources that are read but not created. */
export function notCreated(template: StackTemplate): readonly Skipped[] {
  return [...template.eventSources().map(({ logicalId }) => ({ type: 'AWS::Lambda::EventSourceMapping', logicalId }))];
}
