import type * as iam from 'aws-cdk-lib/aws-iam';

/**
 * Adds the database's generation to the ids of a grant's statements, so that the policy's text changes with the
 * database and CloudFormation resolves the cluster's attributes again.
 */
export function bindToGeneration(grant: iam.Grant, name: string, generation: string): iam.Grant {
  for (const statement of grant.principalStatements) statement.sid = generationSid(name, generation);
  return grant;
}

/** Returns a statement id: IAM allows letters and digits only. */
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
