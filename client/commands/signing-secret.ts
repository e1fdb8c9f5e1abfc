import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { callAws, isNotFound } from './aws';
import { clientConfig } from './client-config';
import { CommandFailure, type Context } from './command';
import { requireOwnArn } from './own-arn';
import { Parameters } from './parameters';

/** The secret in Secrets Manager under which Dynamic signs: the vault makes it empty, and reads it for every delivery. */
export class SigningSecret {
  readonly #secrets: SecretsManagerClient;

  private constructor(
    readonly arn: string,
    region: string | undefined,
  ) {
    this.#secrets = new SecretsManagerClient(clientConfig(region));
  }

  static async of(context: Context): Promise<SigningSecret> {
    const { value, arn } = await new Parameters(context).get('webhook/secret');
    return new SigningSecret(requireOwnArn(value, arn), context.region);
  }

  /** Its current value; the one that it had before stays as the previous one. */
  async put(value: string): Promise<void> {
    const put = () => this.#secrets.send(new PutSecretValueCommand({ SecretId: this.arn, SecretString: value }));
    await callAws(`to write secret ${this.arn} (secretsmanager:PutSecretValue)`, put);
  }

  async get(): Promise<string> {
    const get = () => this.#secrets.send(new GetSecretValueCommand({ SecretId: this.arn }));
    const what = `to read secret ${this.arn} (secretsmanager:GetSecretValue)`;
    const { SecretString } = await callAws(what, get).catch((error: unknown) => {
      throw isNotFound(error) ? this.#empty() : error;
    });
    if (SecretString === undefined) throw this.#empty();
    return SecretString;
  }

  #empty(): CommandFailure {
    return new CommandFailure(
      `expected a text in secret ${this.arn}, got none: fill it with share-vault webhook-secret`,
    );
  }
}
