/** What a policy can allow on a path; `deny` outweighs everything else. */
export const CAPABILITIES = ['create', 'read', 'update', 'delete', 'list', 'patch', 'deny'] as const;
export type Capability = (typeof CAPABILITIES)[number];

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'LIST'] as const;
export type Method = (typeof METHODS)[number];

export type Input = Readonly<Record<string, unknown>>;

/** A request of a secrets engine. */
export interface EngineRequest {
  readonly method: Method;
  /** below the mount, without a slash at its ends */
  readonly path: string;
  readonly query: URLSearchParams;
  /** members of the JSON body; not validated */
  readonly input: Input;
}

/** What responds below one mount, such as transit or a key-value store. */
export interface SecretsEngine {
  /** Returns the capability that a request needs. */
  capabilityOf(request: EngineRequest): Capability;
  /** Handles an authorised request. Returns the response's `data`, or `undefined` for none. Throws `VaultRefusal`. */
  respond(request: EngineRequest): object | undefined;
}

/** Returns the capability that a method needs on a path that never makes anything new by itself. */
export function capabilityOfMethod(method: Method): Capability {
  const capabilities = { GET: 'read', POST: 'update', PUT: 'update', PATCH: 'patch', DELETE: 'delete', LIST: 'list' } as const; // prettier-ignore
  return capabilities[method];
}

/** Returns a text of the input, or the default; Vault ignores members that it does not know. */
export function textOf(input: Input, name: string, fallback = ''): string {
  const value = input[name];
  return typeof value === 'string' ? value : fallback;
}
