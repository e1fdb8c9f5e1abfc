import { GetParameterCommand, GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { callAws, isNotFound } from './aws';
import { CommandFailure, type Context } from './command';

/** What a vault publishes under `/share-vault/<environment>/` in Parameter Store. */
export class Parameters {
  readonly #prefix: string;
  readonly #ssm: SSMClient;

  constructor({ environment, region }: Pick<Context, 'environment' | 'region'>) {
    this.#prefix = `/share-vault/${environment}`;
    this.#ssm = new SSMClient({ ...(region !== undefined && { region }) });
  }

  /** The value of one, by its name behind the environment's, such as `webhook/url`. */
  async get(name: string): Promise<string> {
    const path = `${this.#prefix}/${name}`;
    const read = () => this.#ssm.send(new GetParameterCommand({ Name: path }));
    const { Parameter } = await callAws(`to read parameter ${path} (ssm:GetParameter)`, read).catch(
      (error: unknown) => {
        throw isNotFound(error) ? new CommandFailure(`expected parameter ${path}, got none${WHERE}`) : error;
      },
    );
    if (Parameter?.Value !== undefined) return Parameter.Value;
    throw new CommandFailure(`expected a value of parameter ${path}, got none`);
  }

  /** Those directly below a name, sorted: the last part of each one's name, and its value. */
  async list(name: string): Promise<readonly (readonly [name: string, value: string])[]> {
    const path = `${this.#prefix}/${name}`;
    const found: (readonly [string, string])[] = [];
    let next: string | undefined;
    do {
      const page = await this.#page(path, next);
      for (const { Name = '', Value = '' } of page.Parameters ?? []) found.push([Name.slice(path.length + 1), Value]);
      next = page.NextToken;
    } while (next !== undefined);
    if (found.length > 0) return found.sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    throw new CommandFailure(`expected parameters under ${path}/, got none${WHERE}`);
  }

  #page(Path: string, NextToken: string | undefined) {
    const read = () => this.#ssm.send(new GetParametersByPathCommand({ Path, ...(NextToken && { NextToken }) }));
    return callAws(`to read parameters under ${Path}/ (ssm:GetParametersByPath)`, read);
  }
}

const WHERE = ': is that environment deployed with a webhook, in this account and region';
