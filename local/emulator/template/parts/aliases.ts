import * as v from 'valibot';
import { fail } from '../errors';
import { text, wholeNumber } from '../fields';
import type { Resources } from '../resources';
import { targetOf } from './functions';

export const VERSION = 'AWS::Lambda::Version';
export const ALIAS = 'AWS::Lambda::Alias';
export const ASYNC_CONFIG = 'AWS::Lambda::EventInvokeConfig';

/** A published version of a function. */
export interface VersionPart {
  readonly logicalId: string;
  /** a whole number in digits */
  readonly number: string;
  readonly arn: string;
  /** logical id; undefined if the template lacks it */
  readonly function: string | undefined;
}

/** A named pointer to a version. */
export interface AliasPart {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** logical id; undefined if the template lacks it */
  readonly function: string | undefined;
  /** a version's number, or `$LATEST` */
  readonly version: string;
  /** share of the invocations that go to other versions, by their number */
  readonly weights: Readonly<Record<string, number>>;
  /** undefined if the alias has no settings of its own */
  readonly async: AsyncConfigPart | undefined;
}

/** The settings of asynchronous invocations. */
export interface AsyncConfigPart {
  readonly logicalId: string;
  readonly function: string | undefined;
  /** an alias's name, a version's number or `$LATEST` */
  readonly qualifier: string;
  /** from 60 to 21,600 */
  readonly maximumAgeSeconds: number;
  /** from 0 to 2 */
  readonly retries: number;
  /** ARNs of the destinations of results */
  readonly onSuccess: string | undefined;
  readonly onFailure: string | undefined;
}

export function readVersions(resources: Resources): readonly VersionPart[] {
  return resources.of(VERSION, { FunctionName: text }).map(({ logicalId, properties }) => ({
    logicalId,
    number: resources.resolver.name(logicalId, 'Version'),
    arn: resources.resolver.name(logicalId),
    function: targetOf(properties.FunctionName, resources).function,
  }));
}

const WEIGHTS = v.object({
  AdditionalVersionWeights: v.optional(v.array(v.object({ FunctionVersion: text, FunctionWeight: v.number() })), []),
});

const ALIAS_FIELDS = { Name: text, FunctionName: text, FunctionVersion: text, RoutingConfig: v.optional(WEIGHTS) };

/** Reads the aliases. Throws `TemplateError` if an alias points to a version that its function doesn't have. */
export function readAliases(resources: Resources): readonly AliasPart[] {
  const asyncConfigs = readAsyncConfigs(resources);
  const versions = readVersions(resources);
  return resources.of(ALIAS, ALIAS_FIELDS).map(({ logicalId, properties }) => {
    const { function: fn } = targetOf(properties.FunctionName, resources);
    const version = properties.FunctionVersion;
    const known =
      version === '$LATEST' || versions.some((published) => published.function === fn && published.number === version);
    if (fn !== undefined && !known) {
      const path = ['Resources', logicalId, 'Properties', 'FunctionVersion'];
      fail(resources.resolver.template, path, `expected a version of ${fn}, got none that the template publishes`);
    }
    return {
      logicalId,
      name: properties.Name,
      arn: resources.resolver.name(logicalId),
      function: fn,
      version,
      weights: Object.fromEntries(
        (properties.RoutingConfig?.AdditionalVersionWeights ?? []).map((weight) => [
          weight.FunctionVersion,
          weight.FunctionWeight,
        ]),
      ),
      async: asyncConfigs.find((config) => config.function === fn && config.qualifier === properties.Name),
    };
  });
}

const destination = v.optional(v.object({ Destination: text }));

const ASYNC_CONFIG_FIELDS = {
  FunctionName: text,
  Qualifier: text,
  MaximumEventAgeInSeconds: v.optional(wholeNumber, 21_600),
  MaximumRetryAttempts: v.optional(wholeNumber, 2),
  DestinationConfig: v.optional(v.object({ OnSuccess: destination, OnFailure: destination })),
};

/** Reads the settings of asynchronous invocations, of functions, versions and aliases. */
export function readAsyncConfigs(resources: Resources): readonly AsyncConfigPart[] {
  return resources.of(ASYNC_CONFIG, ASYNC_CONFIG_FIELDS).map(({ logicalId, properties }) => ({
    logicalId,
    function: targetOf(properties.FunctionName, resources).function,
    qualifier: properties.Qualifier,
    maximumAgeSeconds: properties.MaximumEventAgeInSeconds,
    retries: properties.MaximumRetryAttempts,
    onSuccess: properties.DestinationConfig?.OnSuccess?.Destination,
    onFailure: properties.DestinationConfig?.OnFailure?.Destination,
  }));
}
