import * as v from 'valibot';
import { AwsError } from './errors';
import { Faults } from './faults';
import type { JsonService } from './json-protocol';
import type { AwsCall } from './service';
import { readInput, seconds } from './shape';

/** Maximum number of parameters in a page of GetParametersByPath. */
const PAGE = 10;
const VALUE_BYTES = 4_096;
const TYPES = ['String', 'StringList', 'SecureString'] as const;

const NAME = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.\-/]{1,1011}$/, 'a parameter name'));
const GET = v.strictObject({ Name: NAME, WithDecryption: v.optional(v.boolean()) });
const BY_PATH = v.strictObject({
  Path: v.pipe(NAME, v.startsWith('/')),
  Recursive: v.optional(v.boolean(), false),
  WithDecryption: v.optional(v.boolean()),
  MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PAGE)), PAGE),
  NextToken: v.optional(v.string()),
});
const PUT = v.strictObject({
  Name: NAME,
  Value: v.pipe(v.string(), v.minLength(1), v.maxBytes(VALUE_BYTES)),
  Type: v.optional(v.picklist(TYPES)),
  Overwrite: v.optional(v.boolean(), false),
  Description: v.optional(v.pipe(v.string(), v.maxLength(1024))),
});

interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly type: (typeof TYPES)[number];
  readonly version: number;
  readonly changedAt: Date;
}

export interface LocalParametersOptions {
  readonly region?: string;
  /** 12 digits */
  readonly account?: string;
}

/**
 * Emulates Parameter Store: GetParameter, GetParametersByPath and PutParameter. Parameters live only in memory: each
 * deployment publishes them again when it starts.
 */
export class LocalParameters implements JsonService {
  readonly targetPrefix = 'AmazonSSM';
  readonly internalError = 'InternalServerError';
  readonly faults = new Faults();
  readonly #arnPrefix: string;
  readonly #parameters = new Map<string, Parameter>();

  constructor({ region = 'us-east-1', account = '111122223333' }: LocalParametersOptions = {}) {
    this.#arnPrefix = `arn:aws:ssm:${region}:${account}:parameter`;
  }

  handle({ operation, input }: AwsCall): object {
    switch (operation) {
      case 'GetParameter':
        return this.#get(readInput(GET, input));
      case 'GetParametersByPath':
        return this.#getByPath(readInput(BY_PATH, input));
      case 'PutParameter':
        return this.#put(readInput(PUT, input));
      default:
        throw new AwsError('UnknownOperationException', `no operation ${operation}`);
    }
  }

  /** Sets a parameter as a deployment does, and replaces an existing one. */
  publish(name: string, value: string): void {
    this.#put({ Name: name, Value: value, Type: 'String', Overwrite: true });
  }

  #get({ Name }: v.InferOutput<typeof GET>): object {
    const parameter = this.#parameters.get(Name);
    if (parameter === undefined) throw new AwsError('ParameterNotFound', `Parameter ${Name} not found.`);
    return { Parameter: this.#describe(parameter) };
  }

  #getByPath({ Path, Recursive, MaxResults, NextToken }: v.InferOutput<typeof BY_PATH>): object {
    const folder = Path.endsWith('/') ? Path : `${Path}/`;
    const found = [...this.#parameters.values()]
      .filter(({ name }) => name.startsWith(folder) && (Recursive || !name.slice(folder.length).includes('/')))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const start = NextToken === undefined ? 0 : found.findIndex(({ name }) => name === fromToken(NextToken));
    if (start < 0) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
    const next = found[start + MaxResults];
    return {
      Parameters: found.slice(start, start + MaxResults).map((parameter) => this.#describe(parameter)),
      NextToken: next && toToken(next.name),
    };
  }

  #put({ Name, Value, Type, Overwrite }: v.InferOutput<typeof PUT>): object {
    const former = this.#parameters.get(Name);
    if (former !== undefined && !Overwrite) {
      throw new AwsError('ParameterAlreadyExists', 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.'); // prettier-ignore
    }
    const type = Type ?? former?.type;
    if (type === undefined) throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.'); // prettier-ignore
    const version = (former?.version ?? 0) + 1;
    this.#parameters.set(Name, { name: Name, value: Value, type, version, changedAt: new Date() });
    return { Version: version, Tier: 'Standard' };
  }

  #describe({ name, value, type, version, changedAt }: Parameter): object {
    return {
      ARN: `${this.#arnPrefix}${name.startsWith('/') ? name : `/${name}`}`,
      DataType: 'text',
      LastModifiedDate: seconds(changedAt),
      Name: name,
      Type: type,
      Value: value,
      Version: version,
    };
  }
}

/** Encodes the name of the next page's first parameter: parameters that are added between two calls shift no page. */
const toToken = (name: string): string => Buffer.from(name).toString('base64url');
const fromToken = (token: string): string => Buffer.from(token, 'base64url').toString();
