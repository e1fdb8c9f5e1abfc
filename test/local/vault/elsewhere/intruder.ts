import { randomUUID } from 'node:crypto';
import {
  AZURE_AUDIENCE,
  type AzureLogin,
  type GoogleLogin,
  type VaultLogin,
} from '../../../../lambda/contract/elsewhere';
import type { BodyStoreDescription, OtherKeyDescription, VaultPlace } from '../../../../lambda/contract/elsewhere';
import type { StandIn, StandInResponse } from '../../../../local/emulator/elsewhere/stand-in';

/** Gets a web identity token of a function for an audience. */
type Tokens = (audience: string) => string;
/** Sends a request, and returns its status and JSON. */
type Send = (method: string, url: string, body: object | string, token?: string) => Promise<Reply>;
interface Reply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}
type Elsewhere = Exclude<BodyStoreDescription, { readonly type: 'secrets-manager' }>;

const VALUE = Buffer.alloc(32).toString('base64');
const WRAPS = { wrap: 'wrapkey', unwrap: 'unwrapkey' } as const;
const ENCRYPTS = { wrap: 'encrypt', unwrap: 'decrypt' } as const;

/** Returns the operations that a caller with these tokens may do with a key, as the logins of the descriptions. */
export async function keyRights(standIns: readonly StandIn[], key: OtherKeyDescription, tokens: Tokens) {
  const send = sender(standIns);
  const token = await login(send, key, tokens);
  if (token === undefined) return [];
  const operations = operationsOf(key);
  const allowed = await Promise.all(
    Object.entries(operations).map(async ([name, [url, body]]) => {
      const { status } = await send('POST', url, body, token);
      // a malformed value is refused only after the right
      return status === 200 || status === 400 ? [name] : [];
    }),
  );
  return allowed.flat();
}

function operationsOf(key: OtherKeyDescription): Readonly<Record<'wrap' | 'unwrap', readonly [string, object]>> {
  switch (key.type) {
    case 'gcp-kms': {
      const url = `https://cloudkms.googleapis.com/v1/${key.key}`;
      return { wrap: [`${url}:encrypt`, { plaintext: VALUE }], unwrap: [`${url}:decrypt`, { ciphertext: VALUE }] };
    }
    case 'azure-key-vault':
    case 'azure-managed-hsm': {
      const names = key.type === 'azure-key-vault' ? WRAPS : ENCRYPTS;
      const at = (name: string): string => `${key.key}/${name}?api-version=7.6`;
      return { wrap: [at(names.wrap), {}], unwrap: [at(names.unwrap), {}] };
    }
    case 'vault-transit': {
      const at = (name: string): string => `${key.address}/v1/${key.mount}/${name}/${key.key}`;
      return { wrap: [at('encrypt'), { plaintext: VALUE }], unwrap: [at('decrypt'), { ciphertext: VALUE }] };
    }
  }
}

/** Returns what a caller with these tokens may do with an entry that does not exist. */
export async function bodyRights(standIns: readonly StandIn[], store: Elsewhere, tokens: Tokens) {
  const send = sender(standIns);
  const token = await login(send, store, tokens);
  if (token === undefined) return [];
  const requests = Object.entries(requestsOf(store));
  const allowed: string[] = [];
  for (const [name, [method, url, body]] of requests) {
    const { status } = await send(method, url, body, token);
    if (status !== 403) allowed.push(name);
  }
  return allowed;
}

type Request = readonly [method: string, url: string, body: object];
type BodyRequests = Readonly<Record<'create' | 'read' | 'destroy' | 'list', Request>>;

function requestsOf(store: Elsewhere): BodyRequests {
  switch (store.type) {
    case 'google-secret-manager': {
      const at = (path: string): string =>
        `https://secretmanager.googleapis.com/v1/projects/${store.project}/secrets${path}`;
      return {
        create: ['POST', at(`?secretId=${randomUUID()}`), {}],
        read: ['GET', at('/other/versions/1:access'), {}],
        destroy: ['DELETE', at('/other'), {}],
        list: ['GET', at(''), {}],
      };
    }
    case 'azure-key-vault': {
      const at = (path: string): string => `${store.vault}/secrets${path}?api-version=7.6`;
      return {
        create: ['PUT', at(`/${randomUUID()}`), { value: '' }],
        read: ['GET', at('/other'), {}],
        destroy: ['DELETE', at('/other'), {}],
        list: ['GET', at(''), {}],
      };
    }
    case 'vault-kv': {
      const at = (kind: string, path: string): string =>
        `${store.address}/v1/${store.mount}/${kind}/share-vault/dev/bodies${path}`;
      return {
        create: ['POST', at('data', `/${randomUUID()}`), { data: {} }],
        read: ['GET', at('data', '/other'), {}],
        destroy: ['DELETE', at('metadata', '/other'), {}],
        list: ['GET', at('metadata', '?list=true'), {}],
      };
    }
  }
}

type Login = GoogleLogin | AzureLogin | (VaultPlace & { readonly login: VaultLogin });

/** Returns the service's own token; undefined if the login is refused. */
async function login(
  send: Send,
  description: Login & { readonly type: string },
  tokens: Tokens,
): Promise<string | undefined> {
  if ('tenant' in description) {
    const host = description.type === 'azure-managed-hsm' ? 'managedhsm.azure.net' : 'vault.azure.net';
    const { json } = await send(
      'POST',
      `https://login.microsoftonline.com/${description.tenant}/oauth2/v2.0/token`,
      form({
        grant_type: 'client_credentials',
        client_id: description.client,
        scope: `https://${host}/.default`,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: tokens(AZURE_AUDIENCE),
      }),
    );
    return textOf(json.access_token);
  }
  if ('login' in description) {
    const { login: by, address } = description;
    const jwt = by.method === 'jwt' ? tokens(by.audience) : '';
    const { json } = await send('POST', `${address}/v1/auth/${by.mount}/login`, { role: by.role, jwt });
    const { auth } = json;
    return typeof auth === 'object' && auth !== null ? textOf(Reflect.get(auth, 'client_token')) : undefined;
  }
  const { json } = await send(
    'POST',
    'https://sts.googleapis.com/v1/token',
    form({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: description.audience,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      subject_token: tokens(description.audience),
    }),
  );
  return textOf(json.access_token);
}

function sender(standIns: readonly StandIn[]): Send {
  return async (method, address, body, token = '') => {
    const url = new URL(address);
    const standIn = standIns.find((each) => each.serves(url.hostname, Number(url.port || '443')));
    const headers = { authorization: `Bearer ${token}`, 'x-vault-token': token };
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const response = await standIn?.respond({ method, url, headers, body: bytes });
    return { status: response?.status ?? 0, json: jsonOf(response) };
  };
}

function jsonOf(response: StandInResponse | undefined): Readonly<Record<string, unknown>> {
  const { body } = response ?? {};
  return typeof body === 'object' ? Object.fromEntries(Object.entries(body)) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function form(members: Readonly<Record<string, string>>): string {
  return new URLSearchParams(members).toString();
}
