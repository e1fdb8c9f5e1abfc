import { runSimulation } from '@cloud-copilot/iam-simulate';
import { type Condition, type Context, EVERYTHING, type PolicyDocument } from './document';

/** Who asks for what, and every policy that has a say in it. */
export interface Question {
  /** The ARN of a role's session, an account's root or a user. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** The account that owns the resource. */
  readonly owner: string;
  readonly context: Context;
  readonly identityPolicies: readonly PolicyDocument[];
  /** The key's, function's or role's own policy; without one, the resource has none. */
  readonly resourcePolicy?: PolicyDocument | undefined;
  /** The policy of the VPC endpoint that the call passes. */
  readonly endpointPolicy?: PolicyDocument | undefined;
  /** Beside the one that allows everything. */
  readonly serviceControlPolicy?: PolicyDocument | undefined;
}

export type Verdict = 'allow' | 'deny';

/**
 * Asks the simulator, which knows KMS's own rule: identity policies count only where the key policy hands them to the
 * account. Throws where the simulator didn't take everything in: it drops condition keys that it can't place, and
 * a deny by a dropped key proves nothing.
 */
export async function ask(question: Question, spell = legible): Promise<Verdict> {
  const policy = (document: PolicyDocument) => translate(document, spell);
  const response = await runSimulation(
    {
      request: {
        principal: question.principal,
        action: question.action,
        resource: { resource: question.resource, accountId: question.owner },
        contextVariables: Object.fromEntries(
          Object.entries(question.context).map(([key, value]) => [
            spell(key),
            typeof value === 'string' ? value : [...value],
          ]),
        ),
      },
      identityPolicies: question.identityPolicies.map((document, index) => ({
        name: `identity-${index}`,
        policy: policy(document),
      })),
      serviceControlPolicies: [
        {
          orgIdentifier: 'ou-vault',
          policies: [EVERYTHING, ...(question.serviceControlPolicy ? [question.serviceControlPolicy] : [])].map(
            (document, index) => ({ name: `scp-${index}`, policy: policy(document) }),
          ),
        },
      ],
      resourceControlPolicies: [],
      ...(question.resourcePolicy && { resourcePolicy: policy(question.resourcePolicy) }),
      ...(question.endpointPolicy && {
        vpcEndpointPolicies: [{ name: 'endpoint', policy: policy(question.endpointPolicy) }],
      }),
    },
    { simulationMode: 'Strict' },
  );
  const what = `${question.action} on ${question.resource} by ${question.principal}`;
  if (response.resultType !== 'single')
    throw new Error(`${what}: expected one result, got ${JSON.stringify(response)}`);
  const { ignoredContextKeys = [] } = response.result;
  if (ignoredContextKeys.length > 0) {
    throw new Error(`${what}: expected a request that is heard whole, got it without ${ignoredContextKeys.join(', ')}`);
  }
  return response.overallResult === 'Allowed' ? 'allow' : 'deny';
}

/**
 * The simulator takes `kms:EncryptionContext:X` for unknown, since its catalogue has the key with a colon where it
 * looks for a slash. A request tag is compared in the same way, text against text, so it stands in on both sides.
 */
export function legible(key: string): string {
  return key.replace(/^kms:EncryptionContext:/i, 'aws:RequestTag/kmsec.');
}

function translate(document: PolicyDocument, spell: (key: string) => string): PolicyDocument {
  return {
    ...document,
    Statement: document.Statement.map((statement) =>
      statement.Condition ? { ...statement, Condition: respell(statement.Condition, spell) } : statement,
    ),
  };
}

function respell(condition: Condition, spell: (key: string) => string): Condition {
  return Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [spell(key), value])),
    ]),
  );
}
