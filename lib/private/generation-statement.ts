import type * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Names the statements of a grant after the database's generation, so that the policy's text changes with it and
 * CloudFormation resolves the cluster's attributes in it again.
 */
export function bindToGeneration(grant: iam.Grant, name: string, generation: string): iam.Grant {
  for (const statement of grant.principalStatements) statement.sid = generationSid(name, generation);
  return grant;
}

/** Returns a statement id, in which IAM takes letters and digits only. */
export function generationSid(name: string, generation: string): string {
  return `${name}${generation}`;
}

/** Returns `VaultSealer` for `vault_sealer`. */
export function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
