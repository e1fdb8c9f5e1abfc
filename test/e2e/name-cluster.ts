interface Resource {
  readonly Properties?: { readonly Environment?: { readonly Variables?: Record<string, unknown> } };
}

/** Gives the cluster another id of RDS's own, as each restore does: CloudFormation reads it again by a `restoreToken`. */
export function nameCluster(template: object, clusterId: string): void {
  const { Resources } = template as { readonly Resources: Readonly<Record<string, Resource>> };
  for (const { Properties } of Object.values(Resources)) {
    const variables = Properties?.Environment?.Variables;
    if (variables && 'SHARE_VAULT_DB_RESOURCE_ID' in variables) variables.SHARE_VAULT_DB_RESOURCE_ID = clusterId;
  }
}
