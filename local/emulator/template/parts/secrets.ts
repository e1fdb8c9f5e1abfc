import * as v from 'valibot';
import { flag, tags, text, wholeNumber } from '../fields';
import { type PolicyDocument, policyDocument } from '../policy-document';
import type { Resources } from '../resources';

export const SECRET = 'AWS::SecretsManager::Secret';
export const SECRET_POLICY = 'AWS::SecretsManager::ResourcePolicy';

/** Secrets Manager appends it to the names in ARNs. */
export const SECRET_SUFFIX = /-[A-Za-z0-9]{6}$/;

/** A secret of Secrets Manager. */
export interface SecretPart {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly content: SecretContent;
  /** id, ARN or alias; undefined for Secrets Manager's default key */
  readonly kmsKeyId: string | undefined;
  /** undefined if no policy is attached */
  readonly policy: PolicyDocument | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export type SecretContent =
  /** no version: an operator sets the value after the deploy */
  | { readonly kind: 'empty' }
  /** in the template, in plain text */
  | { readonly kind: 'given'; readonly value: string }
  | ({ readonly kind: 'generated' } & Generation);

/** The parameters of `GetRandomPassword`. */
export interface Generation {
  readonly length: number;
  readonly exclude: Readonly<Record<'lowercase' | 'uppercase' | 'numbers' | 'punctuation', boolean>>;
  readonly excludedCharacters: string;
  readonly includeSpace: boolean;
  readonly requireEachType: boolean;
  /** a JSON object that receives the password under a key; undefined if the secret is only the password */
  readonly template: { readonly json: string; readonly key: string } | undefined;
}

const off = v.optional(flag, false);

const generation = v.object({
  PasswordLength: v.optional(wholeNumber, 32),
  ExcludeLowercase: off,
  ExcludeUppercase: off,
  ExcludeNumbers: off,
  ExcludePunctuation: off,
  ExcludeCharacters: v.optional(text, ''),
  IncludeSpace: off,
  RequireEachIncludedType: v.optional(flag, true),
  SecretStringTemplate: v.optional(text),
  GenerateStringKey: v.optional(text),
});

const FIELDS = {
  Description: v.optional(text),
  SecretString: v.optional(text),
  GenerateSecretString: v.optional(generation),
  KmsKeyId: v.optional(text),
  Tags: v.optional(tags, {}),
};

export function readSecrets(resources: Resources): readonly SecretPart[] {
  const policies = resources.of(SECRET_POLICY, { SecretId: text, ResourcePolicy: policyDocument });
  return resources.of(SECRET, FIELDS).map(({ logicalId, properties }) => {
    const arn = resources.resolver.name(logicalId);
    const name = arn.replace(/^.*:secret:/, '').replace(SECRET_SUFFIX, '');
    const attached = policies.find(({ properties: { SecretId } }) => SecretId === arn || SecretId === name);
    return {
      logicalId,
      name,
      arn,
      description: properties.Description,
      content: contentOf(properties.SecretString, properties.GenerateSecretString),
      kmsKeyId: properties.KmsKeyId,
      policy: attached?.properties.ResourcePolicy,
      tags: properties.Tags,
    };
  });
}

function contentOf(value: string | undefined, made: v.InferOutput<typeof generation> | undefined): SecretContent {
  if (value !== undefined) return { kind: 'given', value };
  if (!made) return { kind: 'empty' };
  const { SecretStringTemplate: json, GenerateStringKey: key } = made;
  return {
    kind: 'generated',
    length: made.PasswordLength,
    exclude: {
      lowercase: made.ExcludeLowercase,
      uppercase: made.ExcludeUppercase,
      numbers: made.ExcludeNumbers,
      punctuation: made.ExcludePunctuation,
    },
    excludedCharacters: made.ExcludeCharacters,
    includeSpace: made.IncludeSpace,
    requireEachType: made.RequireEachIncludedType,
    template: json === undefined || key === undefined ? undefined : { json, key },
  };
}
