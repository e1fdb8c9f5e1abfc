/** An error response of Azure Key Vault or Managed HSM. Its message is what the service says. */
export class AzureError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** code of the `innererror` */
    readonly inner?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  /** Returns the body as the service writes it. */
  toJSON(): object {
    const { code, message, inner } = this;
    return { error: { code, message, ...(inner !== undefined && { innererror: { code: inner } }) } };
  }
}

export const azureErrors = {
  /** a value, algorithm or length that the key does not take, a wrong tag, and padding of another key */
  badParameter: (message: string) => new AzureError(400, 'BadParameter', message),
  unauthorized: (message: string, challenge: string) =>
    new AzureError(401, 'Unauthorized', message, undefined, { 'www-authenticate': challenge }),
  forbidden: (action: string) =>
    new AzureError(403, 'Forbidden', `Caller is not authorized to perform ${action}.`, 'ForbiddenByRbac'),
  operationDenied: (operation: string) =>
    new AzureError(403, 'Forbidden', `Operation ${operation} is not permitted on this key.`, 'KeyOperationForbidden'),
  disabled: (operation: string) =>
    new AzureError(403, 'Forbidden', `Operation ${operation} is not allowed on a disabled key.`, 'KeyDisabled'),
  keyNotFound: (id: string) =>
    new AzureError(404, 'KeyNotFound', `A key with (name/id) ${id} was not found in this key vault.`),
  notFound: () => new AzureError(404, 'NotFound', 'The resource was not found.'),
  deletedButRecoverable: (id: string) =>
    new AzureError(
      409,
      'Conflict',
      `${id} is currently in a deleted but recoverable state, and its name cannot be reused.`,
      'ObjectIsDeletedButRecoverable',
    ),
  purgeProtected: () => new AzureError(409, 'Conflict', 'Purge protection is enabled.', 'PurgeProtectionEnabled'),
  tooMany: () => new AzureError(429, 'Throttled', 'Too many requests.', undefined, { 'retry-after': '1' }),
} as const;
