import { DescribeKeyCommand, KMSClient, type KeyMetadata } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ENV } from '../../../lambda/contract/variables';
import { KMS_KEY_ARN_PATTERN } from '../../../lambda/contract/patterns';
import { callAws } from '../aws';
import { clientConfig } from '../client-config';
import { CommandFailure, type Context } from '../command';
import { EXIT } from '../exit-codes';

/** A vault's keys in AWS KMS, and what its functions say of them. */
export class AccountKeys implements Disposable {
  readonly kms: KMSClient;
  readonly #lambda: LambdaClient;
  readonly #environment: string;

  constructor({ environment, region }: Pick<Context, 'environment' | 'region'>) {
    this.#environment = environment;
    this.kms = new KMSClient(clientConfig(region));
    this.#lambda = new LambdaClient(clientConfig(region));
  }

  /** Returns the ARN of the key that the vault seals with; `undefined` if that key is outside AWS. */
  async shareKey(): Promise<string | undefined> {
    const arn = (await this.#variables('seal')).get(ENV.shareKeyArn);
    return arn !== undefined && KMS_KEY_ARN_PATTERN.test(arn) ? arn : undefined;
  }

  /** Returns the ARNs of the share keys that only open. */
  async openingKeys(): Promise<readonly string[]> {
    const arns = membersIn((await this.#variables('unseal')).get(ENV.openingKeyArns) ?? '[]');
    return arns.filter((arn) => KMS_KEY_ARN_PATTERN.test(arn));
  }

  /** Returns the days that the vault keeps its backups. */
  async backupDays(): Promise<number> {
    const days = Number((await this.#variables('revoke')).get(ENV.backupDays));
    if (Number.isSafeInteger(days) && days > 0) return days;
    throw new CommandFailure('expected the days of backups in the configuration of the function revoke, got none');
  }

  /** Returns the facts of a key in KMS. */
  async describe(key: string): Promise<KeyMetadata> {
    const call = () => this.kms.send(new DescribeKeyCommand({ KeyId: key }));
    const { KeyMetadata } = await callAws('to read the state of a key (kms:DescribeKey)', call);
    if (KeyMetadata?.Arn !== undefined) return KeyMetadata;
    throw new CommandFailure('expected a key of AWS KMS, got none', { exit: EXIT.notFound });
  }

  [Symbol.dispose](): void {
    this.kms.destroy();
    this.#lambda.destroy();
  }

  async #variables(operation: 'seal' | 'unseal' | 'revoke'): Promise<ReadonlyMap<string, string>> {
    const FunctionName = `share-vault-${this.#environment}-${operation}`;
    const call = () => this.#lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const purpose = `to read the configuration of function ${FunctionName} (lambda:GetFunctionConfiguration)`;
    const { Environment } = await callAws(purpose, call);
    if (Environment?.Error !== undefined) {
      throw new CommandFailure(
        `expected the variables of function ${FunctionName}, got none: they need kms:Decrypt with the storage key of the vault`,
        { exit: EXIT.refused },
      );
    }
    return new Map(Object.entries(Environment?.Variables ?? {}));
  }
}

/** Returns the texts of a list in JSON; none of anything else. */
function membersIn(json: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
