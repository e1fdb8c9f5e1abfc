import { digestOf } from '../template/digest';
import { type LocalSecrets, SECRET_NAME } from '../services/secrets';
import { type RolePolicy, type StackTemplate, TemplateError } from '../template';
import { SECRET_SUFFIX } from '../template/parts/secrets';
import { listOf } from '../template/policy-document';
import type { StackPlace } from './place';
import { put } from './secrets';

/** Values of secrets that no stack creates, by name or ARN. */
export type GivenSecrets = Readonly<Record<string, string | Uint8Array>>;

/** A secret that functions use and nobody created. */
export interface MissingSecret {
  /** its name if that is known, else its ARN */
  readonly named: string;
  /** logical ids */
  readonly functions: readonly string[];
}

const ARN = /^arn:[^:]+:secretsmanager:(?<region>[^:]+):(?<account>[^:]+):secret:(?<name>[A-Za-z0-9/_+=.@!-]+)$/;

/** Throws `TemplateError` if the name or ARN of a given secret is invalid, or another account's or region's. */
export function requireSecretNames(given: GivenSecrets = {}, place: StackPlace): void {
  for (const named of Object.keys(given)) secretOf(named, place);
}

/** Creates the given secrets, by name or ARN. Replaces other values that secrets of these names have. */
export function createOutsideSecrets(given: GivenSecrets = {}, secrets: LocalSecrets, place: StackPlace): void {
  for (const [named, value] of Object.entries(given)) {
    const { arn, name } = secretOf(named, place);
    const existing = secrets.arnOf(named) ?? secrets.arnOf(name);
    if (existing === undefined) secrets.ensure(arn, name);
    put(secrets, existing ?? arn, value);
  }
}

/** Returns the secrets that functions name in their variables, or may read by their roles, and that don't exist. */
export function missingSecrets(template: StackTemplate, secrets: LocalSecrets): readonly MissingSecret[] {
  const { account, region } = template.resolver.deployment;
  const prefix = `arn:aws:secretsmanager:${region}:${account}:secret:`;
  const readable = new Map(template.roles().map(({ arn, policies }) => [arn, policies.flatMap(readArns)]));
  const uses = template.functions().flatMap(({ logicalId, environment, roleArn }) => {
    const named = Object.values(environment).flatMap((text) => text.match(ARNS) ?? []);
    const arns = [...named, ...(readable.get(roleArn) ?? [])].filter((arn) => arn.startsWith(prefix));
    return arns.map((arn) => ({ arn: arn.replace(ANY_SUFFIX, ''), byName: ANY_SUFFIX.test(arn), logicalId }));
  });
  const names = new Set(uses.filter(({ byName }) => byName).map(({ arn }) => arn));
  const missing = uses.filter(({ arn }) => secrets.arnOf(arn) === undefined);
  return [...Map.groupBy(missing, ({ arn }) => arn)].map(([arn, all]) => ({
    named: names.has(arn) ? arn.slice(prefix.length) : arn,
    functions: [...new Set(all.map(({ logicalId }) => logicalId))],
  }));
}

const ARNS = /arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+/g;
/** Stands in policies for the suffix of a secret whose complete ARN is unknown. */
const ANY_SUFFIX = /-\?{6}$/;

/** Returns the ARNs of the secrets that a policy allows to read. */
function readArns({ document }: RolePolicy): readonly string[] {
  return document.Statement.filter(
    ({ Effect, Action }) => Effect === 'Allow' && listOf(Action).includes('secretsmanager:GetSecretValue'),
  )
    .flatMap(({ Resource }) => listOf(Resource))
    .filter((resource) => ARN.test(resource.replace(ANY_SUFFIX, '')));
}

/** Returns the complete ARN and the name of a secret. An ARN without the suffix gets one, as a name does. */
function secretOf(named: string, { account, region }: StackPlace): { readonly arn: string; readonly name: string } {
  const parts = ARN.exec(named)?.groups;
  if (parts === undefined && !SECRET_NAME.test(named)) {
    throw new TemplateError(`expected the name or the ARN of a secret, got ${JSON.stringify(named)}`);
  }
  if (parts !== undefined && (parts.account !== account || parts.region !== region)) {
    throw new TemplateError(`expected a secret of account ${account} in region ${region}, got ${named}`);
  }
  if (parts !== undefined && SECRET_SUFFIX.test(named))
    return { arn: named, name: parts.name?.replace(SECRET_SUFFIX, '') ?? named };
  const name = parts?.name ?? named;
  const suffix = digestOf(`secret ${name}`).slice(0, 6);
  return { arn: `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`, name };
}
