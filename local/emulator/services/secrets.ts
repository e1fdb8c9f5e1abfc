import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { AwsError } from './errors';
import { Faults } from './faults';
import { privateFolder, writePrivately } from './files';
import type { JsonService } from './json-protocol';
import type { AwsCall } from './service';
import { listSecrets } from './secrets-list';
import { blob, readInput, seconds } from './shape';

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
const DAY_MS = 86_400_000;
const VALUE_BYTES = 65_536;

const VALUE = {
  SecretString: v.optional(v.pipe(v.string(), v.minLength(1), v.maxBytes(VALUE_BYTES))),
  SecretBinary: v.optional(blob(1, VALUE_BYTES)),
  ClientRequestToken: v.optional(v.pipe(v.string(), v.minLength(32), v.maxLength(64))),
};
/** The form of a secret's name. */
export const SECRET_NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
const ID = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
const CREATE = v.strictObject({
  Name: v.pipe(v.string(), v.regex(SECRET_NAME, 'a secret name')),
  Description: v.optional(v.pipe(v.string(), v.maxLength(2048))),
  KmsKeyId: v.optional(v.pipe(v.string(), v.maxLength(2048))),
  ...VALUE,
});
const PUT = v.strictObject({ SecretId: ID, ...VALUE });
const GET = v.strictObject({
  SecretId: ID,
  VersionId: v.optional(v.string()),
  VersionStage: v.optional(v.string()),
});

const DESCRIBE = v.strictObject({ SecretId: ID });

const DELETE = v.strictObject({
  SecretId: ID,
  RecoveryWindowInDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(7), v.maxValue(30))),
  ForceDeleteWithoutRecovery: v.optional(v.boolean()),
});

const VERSION = v.strictObject({
  id: v.string(),
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  stages: v.array(v.string()),
  text: v.optional(v.string()),
  base64: v.optional(v.string()),
});
const SECRET = v.strictObject({
  arn: v.string(),
  name: v.string(),
  description: v.optional(v.string()),
  /** of secrets that calls created */
  createdAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  /** when it will be deleted, if it is scheduled for it */
  deletedAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  versions: v.array(VERSION),
});
type Version = v.InferOutput<typeof VERSION>;
type Secret = v.InferOutput<typeof SECRET>;
type Value = v.InferOutput<v.ObjectSchema<typeof VALUE, undefined>>;

export interface LocalSecretsOptions {
  /** folder for `secrets.json`; only the owner may read that file */
  readonly dataDir: string;
  readonly region?: string;
  /** 12 digits */
  readonly account?: string;
}

/**
 * Emulates Secrets Manager: CreateSecret, DescribeSecret, ListSecrets, DeleteSecret with its recovery window,
 * PutSecretValue and GetSecretValue with the stages AWSCURRENT and AWSPREVIOUS. Values are stored unencrypted in a file
 * of mode 0600.
 */
export class LocalSecrets implements JsonService {
  readonly targetPrefix = 'secretsmanager';
  readonly internalError = 'InternalServiceError';
  readonly faults = new Faults();
  readonly #file: string;
  readonly #arnPrefix: string;
  #secrets: Secret[];

  constructor({ dataDir, region = 'us-east-1', account = '111122223333' }: LocalSecretsOptions) {
    privateFolder(dataDir);
    this.#file = join(dataDir, 'secrets.json');
    this.#arnPrefix = `arn:aws:secretsmanager:${region}:${account}:secret:`;
    this.#secrets = existsSync(this.#file)
      ? v.parse(v.array(SECRET), JSON.parse(readFileSync(this.#file, 'utf8')))
      : [];
  }

  handle({ operation, input }: AwsCall): object {
    this.#secrets = this.#secrets.filter((secret) => !isDeleted(secret));
    switch (operation) {
      case 'CreateSecret':
        return this.#create(readInput(CREATE, input));
      case 'PutSecretValue':
        return this.#put(readInput(PUT, input));
      case 'DescribeSecret':
        return this.#describe(readInput(DESCRIBE, input));
      case 'GetSecretValue':
        return this.#get(readInput(GET, input));
      case 'DeleteSecret':
        return this.#delete(readInput(DELETE, input));
      case 'ListSecrets':
        return listSecrets(this.#secrets, input);
      default:
        throw new AwsError('UnknownOperationException', `no operation ${operation}`);
    }
  }

  /** Returns a secret's ARN by its name, its ARN, or its ARN without the random suffix; undefined if none exists. */
  arnOf(id: string): string | undefined {
    return this.#match(id)?.arn;
  }

  /** Creates a secret without a value under a given ARN. An existing secret is unchanged. */
  ensure(arn: string, name: string): void {
    if (this.#match(arn) !== undefined) return;
    this.#secrets.push({ arn, name, versions: [] });
    this.#save();
  }

  #create(request: v.InferOutput<typeof CREATE>): object {
    const existing = this.#secrets.find(({ name }) => name === request.Name);
    if (existing !== undefined) return repeatedCreation(existing, request);
    const suffix = randomBytes(3).toString('hex');
    const secret: Secret = {
      arn: `${this.#arnPrefix}${request.Name}-${suffix}`,
      name: request.Name,
      createdAt: new Date().toISOString(),
      versions: [],
    };
    if (request.Description !== undefined) secret.description = request.Description;
    const empty = request.SecretString === undefined && request.SecretBinary === undefined;
    const version = empty ? undefined : addVersion(secret, request);
    this.#secrets.push(secret);
    this.#save();
    return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
  }

  #delete({ SecretId, RecoveryWindowInDays, ForceDeleteWithoutRecovery }: v.InferOutput<typeof DELETE>): object {
    const force = ForceDeleteWithoutRecovery === true;
    if (force && RecoveryWindowInDays !== undefined) {
      const problem = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.";
      throw new AwsError('InvalidParameterException', problem);
    }
    const secret = this.#match(SecretId);
    // by force, what does not exist is deleted too
    if (secret === undefined && !force) throw notFound('secret.');
    if (secret?.deletedAt !== undefined && !force) throw scheduled();
    const days = force ? 0 : (RecoveryWindowInDays ?? 30);
    const at = new Date(Date.now() + days * DAY_MS);
    if (secret !== undefined) secret.deletedAt = at.toISOString();
    this.#save();
    return { ARN: secret?.arn, Name: secret?.name ?? SecretId, DeletionDate: seconds(at) };
  }

  #put(request: v.InferOutput<typeof PUT>): object {
    const secret = this.#findLive(request.SecretId);
    const version = addVersion(secret, request);
    this.#save();
    return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: version.stages };
  }

  #get({ SecretId, VersionId, VersionStage }: v.InferOutput<typeof GET>): object {
    const secret = this.#findLive(SecretId);
    const stage = VersionStage ?? (VersionId === undefined ? CURRENT : undefined);
    const version = secret.versions.find(
      ({ id, stages }) =>
        (VersionId === undefined || id === VersionId) && (stage === undefined || stages.includes(stage)),
    );
    if (version === undefined) throw notFound(valueOf(VersionId, stage));
    return {
      ARN: secret.arn,
      Name: secret.name,
      VersionId: version.id,
      VersionStages: version.stages,
      CreatedDate: seconds(new Date(version.createdAt)),
      SecretString: version.text,
      SecretBinary: version.base64,
    };
  }

  #describe({ SecretId }: v.InferOutput<typeof DESCRIBE>): object {
    const { arn, name, description, versions, deletedAt } = this.#find(SecretId);
    const stagesOf = versions.map(({ id, stages }): [string, string[]] => [id, stages]);
    // AWS leaves this member out if a secret has no value
    const VersionIdsToStages = stagesOf.length === 0 ? undefined : Object.fromEntries(stagesOf);
    const DeletedDate = deletedAt === undefined ? undefined : seconds(new Date(deletedAt));
    return { ARN: arn, Name: name, Description: description, VersionIdsToStages, DeletedDate };
  }

  /** Throws for a secret that is scheduled for deletion: nobody can read its value. */
  #findLive(id: string): Secret {
    const secret = this.#find(id);
    if (secret.deletedAt !== undefined) throw scheduled();
    return secret;
  }

  #find(id: string): Secret {
    const secret = this.#match(id);
    if (secret === undefined) throw notFound('secret.');
    return secret;
  }

  #match(id: string): Secret | undefined {
    return this.#secrets.find(({ arn, name }) => arn === id || name === id || arn.slice(0, -7) === id);
  }

  #save(): void {
    writePrivately(this.#file, Buffer.from(JSON.stringify(this.#secrets)));
  }
}

/** The same token and value again change nothing: the response to the first request may be lost. */
function repeatedCreation({ arn, name, deletedAt, versions }: Secret, request: Value): object {
  if (deletedAt !== undefined) throw scheduled();
  const same = versions.find(({ id }) => id === request.ClientRequestToken);
  if (
    same !== undefined &&
    same.text === request.SecretString &&
    same.base64 === request.SecretBinary?.toString('base64')
  ) {
    return { ARN: arn, Name: name, VersionId: same.id };
  }
  throw new AwsError('ResourceExistsException', 'The operation failed because the secret already exists.');
}

function isDeleted({ deletedAt }: Secret): boolean {
  return deletedAt !== undefined && new Date(deletedAt).getTime() <= Date.now();
}

function scheduled(): AwsError {
  const problem = "You can't perform this operation on the secret because it was marked for deletion.";
  return new AwsError('InvalidRequestException', problem);
}

/** Makes the new value the current one and the former value the previous one; removes older values. */
function addVersion(secret: Secret, value: Value): Version {
  const { SecretString: text, SecretBinary: bytes, ClientRequestToken: id = randomUUID() } = value;
  if ((text === undefined) === (bytes === undefined)) {
    throw new AwsError('InvalidParameterException', 'expected one of SecretString and SecretBinary');
  }
  const content = text === undefined ? { base64: bytes?.toString('base64') ?? '' } : { text };
  const same = secret.versions.find((version) => version.id === id);
  if (same !== undefined) {
    // a repeated request changes nothing; another value under the same token is an error
    if (same.text === content.text && same.base64 === content.base64) return same;
    throw new AwsError('ResourceExistsException', 'a version with this token and another value already exists');
  }
  const version = { id, createdAt: new Date().toISOString(), stages: [CURRENT], ...content };
  const former = secret.versions.find(({ stages }) => stages.includes(CURRENT));
  secret.versions = former === undefined ? [version] : [version, { ...former, stages: [PREVIOUS] }];
  return version;
}

function notFound(resource: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified ${resource}`);
}

/** Returns AWS's text: a missing value is named by its version, or by its staging label. */
function valueOf(id: string | undefined, stage: string | undefined): string {
  return id === undefined ? `secret value for staging label: ${stage ?? CURRENT}` : `secret value for VersionId: ${id}`;
}
