import * as v from 'valibot';
import { parseFunctionReference } from '../../function-reference';
import type { Assets } from '../assets';
import { dictionary, tags, text, texts, wholeNumber } from '../fields';
import type { Resources } from '../resources';
import { codeField, findCode, type FunctionCode } from './function-code';
import { type Network, networkOf } from './network';

export const FUNCTION = 'AWS::Lambda::Function';

/** A Lambda function. */
export interface FunctionPart {
  readonly logicalId: string;
  readonly name: string;
  /** unqualified */
  readonly arn: string;
  readonly code: FunctionCode;
  /** `FILE.EXPORT`; undefined for an image */
  readonly handler: string | undefined;
  /** `nodejs24.x`; undefined for an image */
  readonly runtime: string | undefined;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  /** logical id; undefined if the template lacks the role */
  readonly role: string | undefined;
  /** undefined if the function is in no VPC */
  readonly network: Network | undefined;
  readonly reservedConcurrency: number | undefined;
  /** ARNs of its layers */
  readonly layers: readonly string[];
  readonly logGroup: string | undefined;
  /** the key that encrypts its environment */
  readonly kmsKeyArn: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

const FIELDS = {
  Code: codeField,
  Handler: v.optional(text),
  Runtime: v.optional(text),
  Timeout: v.optional(wholeNumber, 3),
  MemorySize: v.optional(wholeNumber, 128),
  Environment: v.optional(v.object({ Variables: v.optional(dictionary(text), {}) }), {}),
  Role: text,
  VpcConfig: v.optional(v.object({ SubnetIds: v.optional(texts, []), SecurityGroupIds: v.optional(texts, []) })),
  ReservedConcurrentExecutions: v.optional(wholeNumber),
  Layers: v.optional(texts, []),
  LoggingConfig: v.optional(v.object({ LogGroup: v.optional(text) })),
  KmsKeyArn: v.optional(text),
  Tags: v.optional(tags, {}),
};

/** Reads the functions, including CDK's helpers. Throws `TemplateError` if a function's code is missing. */
export function readFunctions(resources: Resources, assets: Assets): readonly FunctionPart[] {
  const { resolver } = resources;
  return resources.of(FUNCTION, FIELDS).map(({ logicalId, properties }) => ({
    logicalId,
    name: resolver.name(logicalId),
    arn: resolver.name(logicalId, 'Arn'),
    code: findCode(logicalId, properties.Code, resources, assets),
    handler: properties.Handler,
    runtime: properties.Runtime,
    timeoutSeconds: properties.Timeout,
    memoryMb: properties.MemorySize,
    environment: properties.Environment.Variables,
    roleArn: properties.Role,
    role: resources.idByName('AWS::IAM::Role', properties.Role, 'Arn'),
    network: properties.VpcConfig && networkOf(properties.VpcConfig, resources),
    reservedConcurrency: properties.ReservedConcurrentExecutions,
    layers: properties.Layers,
    logGroup: properties.LoggingConfig?.LogGroup,
    kmsKeyArn: properties.KmsKeyArn,
    tags: properties.Tags,
  }));
}

/** The function of the template that a name or ARN refers to, and its qualifier. */
export interface FunctionTarget {
  /** logical id; undefined if the template lacks the function */
  readonly function: string | undefined;
  readonly qualifier: string | undefined;
}

/** Finds the function that a name or ARN, with or without a qualifier, refers to. */
export function targetOf(named: string, resources: Resources): FunctionTarget {
  const { name, qualifier } = parseFunctionReference(named) ?? {};
  return { function: name === undefined ? undefined : resources.idByName(FUNCTION, name), qualifier };
}
