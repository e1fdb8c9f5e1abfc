import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Client } from 'pg';
import { ShareVaultClient } from '../client/index';
import { type HttpApi, startHttpApi } from './api-gateway/server';
import { startAwsServer } from './aws/json-server';
import { LocalParameters } from './aws/parameters';
import { LocalSecrets } from './aws/secrets';
import { openConnection } from './database';
import { openFolder } from './folder';
import {
  CALLED,
  DATABASE_USERS,
  FUNCTION_KEYS,
  type FunctionKey,
  LIVE,
  SERVING,
  STRANGER,
  type ServingKey,
  functionName,
  vaultFunctions,
} from './functions';
import { type VaultKeys, openVaultKeys } from './keys';
import { LocalKms } from './kms';
import { type LambdaEndpoint, createLambdaEndpoint } from './lambda/endpoint';
import { type Credentials, randomCredentials } from './lambda/environment';
import { type LocalPostgres, type LocalPostgresOptions, startPostgres } from './postgres';
import { publish } from './published';
import { openVaultSecrets } from './secrets';

export interface LocalVaultOptions {
  /** kept across runs @default - a temporary folder, removed at the end */
  readonly dataDir?: string | undefined;
  /** of the endpoint of KMS, Lambda, Parameter Store and Secrets Manager @default - a free one */
  readonly port?: number | undefined;
  /** of the webhook's endpoint @default - a free one */
  readonly webhookPort?: number | undefined;
  /** where every process writes its log @default - `logs` in the data folder */
  readonly logDir?: string | undefined;
  /** folder with a bundle for each function @default - `dist/lambda` of this checkout */
  readonly bundles?: string | undefined;
  /** of each invocation @default 10000 */
  readonly timeoutMs?: number | undefined;
  /** within which a webhook is answered @default 3000 */
  readonly webhookBudgetMs?: number | undefined;
  readonly postgres?: Pick<LocalPostgresOptions, 'settings' | 'certificateHosts'> | undefined;
  /** runs each step of the start, and may show it */
  readonly step?: Step;
}

type Step = <T>(label: string, action: () => Promise<T>, describe: (result: T) => string) => Promise<T>;
const quietly: Step = (_label, action) => action();

const ENVIRONMENT = 'local';
const PLACE = { region: 'us-east-1', accountId: '111122223333' };
const SERVICES = { region: PLACE.region, account: PLACE.accountId };
/** Where the constructs' HTTP API takes deliveries. */
const WEBHOOK_ROUTE = { method: 'POST', path: '/webhooks/dynamic' };

/** What Dynamic's console would be told, and tell. */
export interface LocalWebhook {
  /** where deliveries are posted to */
  readonly url: string;
  /** what they are signed with */
  readonly secret: string;
  readonly secretArn: string;
  /** SPKI in PEM: what materials are encrypted to */
  readonly publicKey: string;
  readonly kid: string;
}

/** The vault on this machine: the handlers that ship, each in a process of its own, on real parts. */
export interface LocalVault {
  readonly environment: string;
  /** `AWS_ENDPOINT_URL` for any AWS SDK or command line */
  readonly url: string;
  readonly region: string;
  /** accepted for every call; what each caller may do is not enforced here yet */
  readonly credentials: Credentials;
  readonly functions: Readonly<Record<FunctionKey, string>>;
  /** an alias that is no actor */
  readonly stranger: string;
  readonly keys: VaultKeys;
  readonly webhook: LocalWebhook;
  readonly kms: LocalKms;
  readonly secrets: LocalSecrets;
  readonly parameters: LocalParameters;
  readonly postgres: LocalPostgres;
  readonly lambda: LambdaEndpoint;
  /** A client as one of the actors: `signer` seals, unseals and revokes, `auditor` reads the access log, both read properties. */
  client(actor: string, lambda?: LambdaClient): ShareVaultClient;
  lambdaClient(): LambdaClient;
  /** A connection as the superuser or as one of the vault's database users; the caller ends it. */
  database(user: string): Promise<Client>;
  /** of the database's master, as Secrets Manager keeps it */
  readonly masterSecretArn: string;
  /** The environment of a function other than `migrate`; `lambda.updateFunction` takes another. */
  functionEnv(key: ServingKey): Readonly<Record<string, string>>;
  /** Stops everything that was started. A second call does nothing. */
  close(): Promise<void>;
}

/** What has been started so far, to be stopped in the reverse order. */
type Closers = (() => Promise<void> | void)[];

/** Starts the vault. Whatever had been started when a step fails is stopped again. */
export async function startVault(options: LocalVaultOptions = {}): Promise<LocalVault> {
  const closers: Closers = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer();
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: LocalVaultOptions, closers: Closers, close: () => Promise<void>): Promise<LocalVault> {
  const { step = quietly, timeoutMs = 10_000, webhookBudgetMs = 3_000 } = options;
  const folder = openFolder(options.dataDir);
  closers.push(() => folder.release());
  const logDir = options.logDir ?? join(folder.dir, 'logs');
  mkdirSync(logDir, { recursive: true });

  const postgres = await step(
    'database',
    () => startPostgres({ dataDir: join(folder.dir, 'postgres'), logFile: join(logDir, 'postgres.log'), ...options.postgres }), // prettier-ignore
    ({ port }) => `PostgreSQL on localhost:${port}, TLS 1.3`,
  );
  closers.push(() => postgres.stop());

  const awsDir = join(folder.dir, 'aws');
  const kms = new LocalKms({ dataDir: awsDir, ...SERVICES });
  const secrets = new LocalSecrets({ dataDir: awsDir, ...SERVICES });
  const parameters = new LocalParameters(SERVICES);
  // the functions need the server's address, and the server hands invocations to them
  const hosted: { lambda?: LambdaEndpoint } = {};
  const server = await startAwsServer({
    services: [kms, secrets, parameters],
    ...(options.port !== undefined && { port: options.port }),
    intercept: (request, response) => hosted.lambda?.handle(request, response) ?? false,
  }).catch(portInUse(options.port));
  closers.push(() => server.close());

  const credentials = randomCredentials();
  const aws = { endpoint: server.url, region: PLACE.region, credentials };
  const keys = await step(
    'keys',
    () => openVaultKeys(awsDir, new KMSClient(aws)),
    () => `KMS on ${server.url}: a share key, an intake and a webhook key`,
  );
  const vaultSecrets = await openVaultSecrets(new SecretsManagerClient(aws), ENVIRONMENT, postgres);
  const functionOptions = vaultFunctions({
    environment: ENVIRONMENT,
    bundles: options.bundles ?? join(__dirname, '..', 'dist', 'lambda'),
    url: server.url,
    keys,
    secrets: vaultSecrets,
    postgres,
    timeoutMs,
    webhookBudgetMs,
  });
  const endpoint = createLambdaEndpoint({ ...PLACE, functions: functionOptions, logDir });
  hosted.lambda = endpoint;
  closers.push(() => endpoint.close());
  const passwords = await step(
    'migrate',
    () => migrate(postgres, new LambdaClient(aws)),
    () => 'schema, roles and functions, by a master without superuser rights',
  );
  const functionEnv = (key: ServingKey): Readonly<Record<string, string>> => ({
    ...functionOptions.find(({ name }) => name === functionName(ENVIRONMENT, key))?.env,
    PGPASSWORD: passwords.get(DATABASE_USERS[key]) ?? '',
  });
  for (const key of SERVING) {
    await endpoint.updateFunction(functionName(ENVIRONMENT, key), { env: functionEnv(key) });
  }

  const api = await step(
    'webhook',
    () => startWebhook(endpoint, options.webhookPort),
    ({ url }) => `an HTTP API, ${WEBHOOK_ROUTE.method} ${url}${WEBHOOK_ROUTE.path}`,
  );
  closers.push(() => api.close());
  const webhook = {
    url: `${api.url}${WEBHOOK_ROUTE.path}`,
    secret: vaultSecrets.signingSecret,
    secretArn: vaultSecrets.signingSecretArn,
    ...keys.webhookKey,
  };
  publish(parameters, { environment: ENVIRONMENT, place: PLACE, keys, secrets: vaultSecrets, webhookUrl: webhook.url });

  const functions = Object.fromEntries(FUNCTION_KEYS.map((key) => [key, functionName(ENVIRONMENT, key)]));
  const lambdaClient = (): LambdaClient => new LambdaClient({ ...aws, maxAttempts: 1 });
  return {
    ...{ environment: ENVIRONMENT, url: server.url, region: PLACE.region, credentials, stranger: STRANGER },
    ...{ keys, webhook, kms, secrets, parameters, postgres, lambda: endpoint, lambdaClient, functionEnv, close },
    masterSecretArn: vaultSecrets.masterSecretArn,
    functions: functions as LocalVault['functions'],
    client: (actor, client = lambdaClient()) =>
      new ShareVaultClient({
        environment: ENVIRONMENT,
        actor,
        functions: Object.fromEntries(CALLED.map((key) => [key, functions[key]])),
        intakeKeys: [keys.intakeKey],
        lambda: client,
      }),
    database: async (user) => {
      const password = user === 'superuser' ? postgres.superuser.password : passwords.get(user);
      const login = user === 'superuser' ? postgres.superuser.user : user;
      return openConnection(postgres, login, password);
    },
  };
}

function startWebhook(lambda: LambdaEndpoint, port: number | undefined): Promise<HttpApi> {
  const { method, path } = WEBHOOK_ROUTE;
  const target = { functionName: functionName(ENVIRONMENT, 'receive'), alias: LIVE };
  const routes = new Map([[`${method} ${path}`, target]]);
  return startHttpApi({ lambda, routes, accountId: PLACE.accountId, port }).catch(portInUse(port));
}

/** Says which port it was that somebody else has. */
function portInUse(port: number | undefined): (error: unknown) => never {
  return (error) => {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw inUse ? new Error(`expected a free port, got ${String(port)}, which is in use`) : error;
  };
}

/** Runs the migrations, and gives each database user a password: a new one at every start. */
async function migrate(postgres: LocalPostgres, client: LambdaClient): Promise<ReadonlyMap<string, string>> {
  const answer = await client.send(new InvokeCommand({ FunctionName: functionName(ENVIRONMENT, 'migrate') }));
  if (answer.FunctionError !== undefined) {
    throw new Error(`migrate failed: ${answer.Payload?.transformToString() ?? answer.FunctionError}`);
  }
  const passwords = new Map<string, string>();
  for (const user of Object.values(DATABASE_USERS)) passwords.set(user, await postgres.setPassword(user));
  return passwords;
}
