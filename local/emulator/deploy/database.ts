import { randomUUID } from 'node:crypto';
import { awsActions } from '../authorization';
import { AwsError } from '../services/errors';
import type { Authorise } from '../postgres';
import { type TokenDecision, verifyDatabaseToken } from '../signature';
import { type Skipped, TemplateError, type StackTemplate } from '../template';
import type { Authority } from './authority';
import type { Identities } from './identities';
import type { StackPlace } from './place';

/** Throws where a template needs more than the one database that there is here. */
export function requireOneDatabase(template: StackTemplate): void {
  const clusters = template.databases().map(({ logicalId }) => logicalId);
  if (clusters.length <= 1) return;
  const { file } = template.resolver.template;
  throw new TemplateError(`${file}: expected one database cluster, got ${clusters.length}: ${clusters.join(', ')}`);
}

export interface LoginsOf {
  readonly template: StackTemplate;
  readonly place: StackPlace;
  readonly identities: Identities;
  readonly authority: Authority;
  /** where clients log in: at least one */
  readonly ports: readonly number[];
}

/** A login by token: whose is it, and may they be that user? Each refusal is on the trail, with its reason. */
export function databaseLogins({ template, place, identities, authority, ports }: LoginsOf): Authorise {
  return async (user, token) => {
    const { resourceId = 'cluster-NONE', iamAuthentication = false } = template.databases()[0] ?? {};
    const [asked] = awsActions('rds-db', 'connect', { resourceId, user }, place);
    if (asked === undefined) return false;
    const requestId = randomUUID();
    const known = { credentials: identities.sessions, region: place.region };
    const decisions = ports.map((port) => verifyDatabaseToken(token, { host: 'localhost', port, user }, known));
    const decision = decisions.find(({ accepted }) => accepted) ?? decisions[0] ?? NO_ENDPOINT;
    const principal = decision.accepted ? decision.credential.principal : NOBODY;
    if (!decision.accepted || !iamAuthentication) {
      const reason = decision.accepted ? 'the cluster takes no tokens' : `token: ${decision.reason}`;
      authority.refuse({ ...asked, principal }, reason, requestId);
      return false;
    }
    return authority.require({ ...asked, principal }, requestId).then(() => true, refused);
  };
}

const NO_ENDPOINT: TokenDecision = { accepted: false, reason: 'other-endpoint' };
const NOBODY = { arn: 'unknown', roleArn: 'unknown', account: '' };

function refused(error: unknown): false {
  if (error instanceof AwsError) return false;
  throw error;
}

/** Types that are read, and of which nothing comes here. */
export function unmade(template: StackTemplate): readonly Skipped[] {
  return [
    ...template.eventRules().map(({ logicalId }) => ({ type: 'AWS::Events::Rule', logicalId })),
    ...template.eventSources().map(({ logicalId }) => ({ type: 'AWS::Lambda::EventSourceMapping', logicalId })),
    ...template.nestedStacks().map(({ logicalId }) => ({ type: 'AWS::CloudFormation::Stack', logicalId })),
  ];
}
