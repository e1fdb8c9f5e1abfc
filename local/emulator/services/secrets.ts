import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { AwsError } from './errors';
import { Faults } from './faults';
import { privateFolder, writePrivately } from './files';
import type { JsonService } from './json-protocol';
import type { AwsCall } from './service';
import { blob, readInput, seconds } from './shape';

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';
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
  ...VALUE,
});
const PUT = v.strictObject({ SecretId: ID, ...VALUE });
const GET = v.strictObject({
  SecretId: ID,
  VersionId: v.optional(v.string()),
  VersionStage: v.optional(v.string()),
});

const DESCRIBE = v.strictObject({ SecretId: ID });

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
 * Emulates Secrets Manager: CreateSecret, DescribeSecret, PutSecretValue and GetSecretValue with the stages AWSCURRENT
 * and AWSPREVIOUS. Values are stored unencrypted in a file of mode 0600.
 */
export class LocalSecrets implements JsonService {
  readonly targetPrefix = 'secretsmanager';
  readonly internalError = 'InternalServiceError';
  readonly faults = new Faults();
  readonly #file: string;
  readonly #arnPrefix: string;
  readonly #secrets: Secret[];

  constructor({ dataDir, region = 'us-east-1', account = '111122223333' }: LocalSecretsOptions) {
    privateFolder(dataDir);
    this.#file = join(dataDir, 'secrets.json');
    this.#arnPrefix = `arn:aws:secretsmanager:${region}:${account}:secret:`;
    this.#secrets = existsSync(this.#file)
      ? v.parse(v.array(SECRET), JSON.parse(readFileSync(this.#file, 'utf8')))
      : [];
  }

  handle({ operation, input }: AwsCall): object {
    switch (operation) {
      case 'CreateSecret':
        return this.#create(readInput(CREATE, input));
      case 'PutSecretValue':
        return this.#put(readInput(PUT, input));
      case 'DescribeSecret':
        return this.#describe(readInput(DESCRIBE, input));
      case 'GetSecretValue':
        return this.#get(readInput(GET, input));
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
    if (this.#secrets.some(({ name }) => name === request.Name)) {
      throw new AwsError('ResourceExistsException', 'The operation failed because the secret already exists.');
    }
    const suffix = randomBytes(3).toString('hex');
    const secret: Secret = { arn: `${this.#arnPrefix}${request.Name}-${suffix}`, name: request.Name, versions: [] };
    if (request.Description !== undefined) secret.description = request.Description;
    const empty = request.SecretString === undefined && request.SecretBinary === undefined;
    const version = empty ? undefined : addVersion(secret, request);
    this.#secrets.push(secret);
    this.#save();
    return { ARN: secret.arn, Name: secret.name, VersionId: version?.id };
  }

  #put(request: v.InferOutput<typeof PUT>): object {
    const secret = this.#find(request.SecretId);
    const version = addVersion(secret, request);
    this.#save();
    return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: version.stages };
  }

  #get({ SecretId, VersionId, VersionStage }: v.InferOutput<typeof GET>): object {
    const secret = this.#find(SecretId);
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
    const { arn, name, description, versions } = this.#find(SecretId);
    const stagesOf = versions.map(({ id, stages }): [string, string[]] => [id, stages]);
    // AWS leaves this member out if a secret has no value
    const VersionIdsToStages = stagesOf.length === 0 ? undefined : Object.fromEntries(stagesOf);
    return { ARN: arn, Name: name, Description: description, VersionIdsToStages };
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
