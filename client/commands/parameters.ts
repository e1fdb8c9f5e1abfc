import { GetParameterCommand, GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { callAws, isNotFound } from './aws';
import { clientConfig } from './client-config';
import { CommandFailure, type Context } from './command';
import { EXIT } from './exit-codes';
import { printable } from './printable';

/** A parameter; its name is without the common prefix. */
export interface PublishedParameter {
  readonly name: string;
  readonly value: string;
  /** its own */
  readonly arn: string | undefined;
}

/** A vault's parameters under `/share-vault/<environment>/` in Parameter Store. */
export class Parameters {
  readonly #prefix: string;
  readonly #ssm: SSMClient;

  constructor({ environment, region }: Pick<Context, 'environment' | 'region'>) {
    this.#prefix = `/share-vault/${environment}`;
    this.#ssm = new SSMClient(clientConfig(region));
  }

  /** Returns one by its name after the environment's, such as `webhook/url`. */
  async get(name: string): Promise<PublishedParameter> {
    const path = `${this.#prefix}/${name}`;
    const read = () => this.#ssm.send(new GetParameterCommand({ Name: path }));
    const { Parameter } = await callAws(`to read parameter ${path} (ssm:GetParameter)`, read).catch(
      (error: unknown) => {
        throw isNotFound(error) ? missing(`parameter ${path}`) : error;
      },
    );
    if (Parameter?.Value !== undefined) return plain({ name, value: Parameter.Value, arn: Parameter.ARN }, path);
    throw new CommandFailure(`expected a value of parameter ${path}, got none`);
  }

  /** Returns those directly below a name, sorted; names without the prefix. */
  async list(name: string): Promise<readonly PublishedParameter[]> {
    const path = `${this.#prefix}/${name}`;
    const found: PublishedParameter[] = [];
    let next: string | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages += 1) {
      const page = await this.#page(path, next);
      for (const { Name = '', Value: value = '', ARN: arn } of page.Parameters ?? []) {
        found.push(plain({ name: Name.slice(path.length + 1), value, arn }, Name));
      }
      next = page.NextToken;
      if (next === undefined) break;
    }
    if (found.length > 0) return found.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    throw missing(`parameters under ${path}/`);
  }

  #page(Path: string, NextToken: string | undefined) {
    const read = () => this.#ssm.send(new GetParametersByPathCommand({ Path, ...(NextToken && { NextToken }) }));
    return callAws(`to read parameters under ${Path}/ (ssm:GetParametersByPath)`, read);
  }
}

/** A vault publishes some ten parameters. */
const MAX_PAGES = 100;
/** Of URLs and ARNs. */
const PLAIN = /^[!-~]{1,2048}$/;

/**
 * Refuses a value that is no URL or ARN, before anything of it is used or printed: parameters are easier to change than
 * keys.
 */
function plain(parameter: PublishedParameter, path: string): PublishedParameter {
  const { name, value, arn } = parameter;
  if (PLAIN.test(value) && PLAIN.test(name) && (arn === undefined || PLAIN.test(arn))) return parameter;
  throw new CommandFailure(
    `parameter ${printable(path)}: expected 1 to 2048 printable characters without blanks, got ${printable(value)}: has it been tampered with`,
  );
}

function missing(what: string): CommandFailure {
  const where = 'is that environment deployed with a webhook, in this account and region';
  return new CommandFailure(`expected ${what}, got none: ${where}`, { exit: EXIT.notFound });
}
