import { awsActions } from '../authorization';
import type { StackTemplate } from '../template';
import type { AccessRequest } from './authority';
import type { Identities } from './identities';

const ON_DATA = /^kms:(Encrypt|Decrypt|GenerateDataKey\w*|ReEncrypt\w+)$/;
const PAIR = 'kms:EncryptionContext:';

/**
 * Completes a user's request: resolves logical ids to ARNs and adds the condition keys of such a call. Throws
 * `TypeError` if there is no such principal.
 */
export function accessRequestOf(
  template: StackTemplate,
  identities: Identities,
  input: {
    readonly principal: string;
    readonly action: string;
    readonly resource: string;
    readonly context: Readonly<Record<string, string>>;
  },
): AccessRequest {
  const { action } = input;
  const resource = arnOf(template, input.resource);
  const entries = Object.entries(input.context);
  const pairs = entries.filter(([name]) => !name.includes(':') || name.startsWith(PAIR));
  const facts = {
    encryptionContext: Object.fromEntries(pairs.map(([name, value]) => [name.replace(PAIR, ''), value])),
    encryptionAlgorithm: ON_DATA.test(action) ? algorithmOf(template, resource) : undefined,
  };
  const context = Object.fromEntries(entries.filter((entry) => !pairs.includes(entry)));
  const principal = identities.otherAccountPrincipal(input.principal) ?? identities.find(input.principal);
  return { principal, action, resource, facts, context };
}

function algorithmOf(template: StackTemplate, keyArn: string): string {
  const key = template.keys().find(({ arn }) => arn === keyArn);
  return key?.spec.startsWith('RSA_') === true ? 'RSAES_OAEP_SHA_256' : 'SYMMETRIC_DEFAULT';
}

/** Returns the ARN for a logical id of the template, with or without its stack, and any other name unchanged. */
function arnOf(template: StackTemplate, named: string): string {
  const [logicalId, ...others] = named === '*' || named.startsWith('arn:') ? [] : template.idsOf(named);
  if (logicalId === undefined) return named;
  if (others.length > 0) {
    throw new TypeError(`expected one resource, got ${[logicalId, ...others].join(', ')}: name its stack`);
  }
  const parts = [
    ...[...template.keys(), ...template.functions(), ...template.aliases(), ...template.versions()],
    ...[...template.secrets(), ...template.roles(), ...template.databases(), ...parametersOf(template)],
  ];
  return parts.find((part) => part.logicalId === logicalId)?.arn ?? template.resolver.name(logicalId, 'Arn');
}

/** Returns the parameters with ARNs. The template has none, so they are derived as for a call with the name. */
function parametersOf(template: StackTemplate): readonly { readonly logicalId: string; readonly arn: string }[] {
  return template.storedParameters().map(({ logicalId, name: Name }) => {
    const [action] = awsActions('ssm', 'GetParameter', { Name }, template.resolver.deployment);
    return { logicalId, arn: action?.resource ?? '' };
  });
}
