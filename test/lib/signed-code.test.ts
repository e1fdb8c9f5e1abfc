import { describe, expect, test } from '@jest/globals';
import type { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as signer from 'aws-cdk-lib/aws-signer';
import { BUNDLES as BUILT } from '../../tools/build/bundle';
import { ELSEWHERE_HANDLERS, HANDLERS } from '../../lib/private/bundle';
import { recoveryKey } from '../support/external-keys';
import { fixtureBundles, testStack } from '../support/synth';
import { testVault } from '../support/vault';

const WITHOUT_BUNDLES = { bundles: undefined };

function enforcing(stack: Stack): lambda.CodeSigningConfig {
  const platform = signer.Platform.AWS_LAMBDA_SHA384_ECDSA;
  return new lambda.CodeSigningConfig(stack, 'Signing', {
    signingProfiles: [new signer.SigningProfile(stack, 'Profile', { platform })],
    untrustedArtifactOnDeployment: lambda.UntrustedArtifactOnDeployment.ENFORCE,
  });
}

/** Returns the archives that AWS Signer leaves in a bucket: one for each handler, except those that are excluded. */
function archives(
  stack: Stack,
  without: readonly string[] = [],
  names: readonly string[] = HANDLERS,
): Record<string, lambda.Code> {
  const bucket = s3.Bucket.fromBucketName(stack, 'Signed', 'signed-code');
  return Object.fromEntries(
    names
      .filter((name) => !without.includes(name))
      .map((name) => [
        name,
        lambda.Code.fromBucketV2(bucket, `signed/${name}.zip`, { objectVersion: `version-of-${name}` }),
      ]),
  );
}

describe('a vault with a code signing configuration', () => {
  test('deploys the signed archive of each handler under that configuration', () => {
    const stack = testStack();
    const { template } = testVault(
      {
        ...{ ...WITHOUT_BUNDLES, signedCode: archives(stack), codeSigningConfig: enforcing(stack) },
        ...{ webhook: {}, restoreTesting: {} },
      },
      stack,
    );

    for (const name of HANDLERS) {
      template().hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: `share-vault-staging-${name}`,
        Code: { S3Bucket: 'signed-code', S3Key: `signed/${name}.zip`, S3ObjectVersion: `version-of-${name}` },
        CodeSigningConfigArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Signing'), 'CodeSigningConfigArn'] },
      });
    }
  });

  test('publishes a new version of a function when its archive has a new version', () => {
    const versions = ['1', '2'].map((objectVersion) => {
      const stack = testStack();
      const code = lambda.Code.fromBucketV2(s3.Bucket.fromBucketName(stack, 'Bucket', 'signed-code'), 'seal', {
        objectVersion,
      });
      const { template } = testVault({ ...WITHOUT_BUNDLES, signedCode: { ...archives(stack), migrate: code } }, stack);
      return Object.keys(template().findResources('AWS::Lambda::Version')).filter((id) => id.includes('Migration'));
    });

    expect(versions.flat()).toHaveLength(2);
    expect(new Set(versions.flat()).size).toBe(2);
  });

  test('is refused without signed code, which Lambda would refuse at the deploy', () => {
    const stack = testStack();

    expect(() => testVault({ codeSigningConfig: enforcing(stack) }, stack)).toThrow(
      'codeSigningConfig: expected signedCode together with it, got none: built code is uploaded unsigned',
    );
  });
});

describe('signed code', () => {
  test('needs no archive for the webhook in a vault without one', () => {
    const stack = testStack();

    expect(() => testVault({ ...WITHOUT_BUNDLES, signedCode: archives(stack, ['receive']) }, stack)).not.toThrow();
  });

  test.each([['receive'], ['migrate'], ['audit']])('is refused without an archive for %s', (name) => {
    const stack = testStack();
    const props = { ...WITHOUT_BUNDLES, webhook: {}, signedCode: archives(stack, [name]) };

    expect(() => testVault(props, stack)).toThrow(`signedCode: expected code for ${name}, got none`);
  });

  test('is refused for a handler that no vault has', () => {
    const stack = testStack();
    const signedCode = { ...archives(stack), unsea1: lambda.Code.fromInline('exports.handler = () => 1') };

    expect(() => testVault({ ...WITHOUT_BUNDLES, signedCode }, stack)).toThrow(
      /^signedCode: expected handlers of seal, unseal, .+, elsewhere\/reseal, got "unsea1"$/,
    );
  });

  test.each([
    ['an asset', () => lambda.Code.fromAsset(`${fixtureBundles()}/seal`), 'AssetCode'],
    ['code in the template', () => lambda.Code.fromInline('exports.handler = () => 1'), 'InlineCode'],
  ])('is refused if it is %s, which is not signed', (_what, code, got) => {
    const stack = testStack();
    const signedCode = { ...archives(stack), migrate: code() };

    expect(() => testVault({ ...WITHOUT_BUNDLES, signedCode }, stack)).toThrow(
      `signedCode: expected an archive in S3 for migrate, got ${got}`,
    );
  });

  test('is refused beside bundles', () => {
    const stack = testStack();

    expect(() => testVault({ signedCode: archives(stack) }, stack)).toThrow(
      'signedCode: expected no bundles together with it, got both',
    );
  });
});

describe('the signed code of a vault with recovery keys', () => {
  const SEALING = ['elsewhere/seal', 'elsewhere/receive', 'elsewhere/migrate', 'elsewhere/reseal'];
  const props = { ...WITHOUT_BUNDLES, webhook: {}, recoveryKeys: [recoveryKey()] };

  test('is refused without the archives for keys elsewhere: those for AWS only would ignore the keys', () => {
    const stack = testStack();

    expect(() => testVault({ ...props, signedCode: archives(stack) }, stack)).toThrow(
      'signedCode: expected code for elsewhere/migrate, got none',
    );
  });

  test('is deployed from these archives to the functions that seal', () => {
    const stack = testStack();
    const { template } = testVault({ ...props, signedCode: archives(stack, [], [...HANDLERS, ...SEALING]) }, stack);

    for (const name of [...SEALING, 'unseal']) {
      template().hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: `share-vault-staging-${name.replace('elsewhere/', '')}`,
        Code: { S3Key: `signed/${name}.zip` },
      });
    }
  });
});

test('the constructs know every handler that is built', () => {
  expect([...HANDLERS, ...ELSEWHERE_HANDLERS]).toEqual([...BUILT]);
});
