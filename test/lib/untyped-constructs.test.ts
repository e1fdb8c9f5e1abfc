import { describe, expect, test } from '@jest/globals';
import { ShareKey } from '../../lib/share-key';
import { testStack } from '../support/synth';
import { testVault } from '../support/vault';

/** Values that a JavaScript caller passes instead of a construct that it did not create, or knows only by name. */
const NO_CONSTRUCTS = [
  [null, 'null'],
  [false, 'false'],
  ['', '""'],
  ['arn:aws:x', '"arn:aws:x"'],
  [{}, 'an object'],
] as const;

describe('a construct that a JavaScript caller does not have is refused, and never taken for none:', () => {
  test.each(NO_CONSTRUCTS)('%j as the share key, in whose place another key would open no record', (value, got) => {
    expect(() => testVault({ shareKey: value as never })).toThrow(
      `shareKey: expected a ShareKey or an ExternalKey, got ${got}`,
    );
  });

  test.each(NO_CONSTRUCTS)('%j as the topic of the alarms', (value, got) => {
    expect(() => testVault({ alarmTopic: value as never })).toThrow(
      `alarmTopic: expected a topic of the CDK, got ${got}`,
    );
  });

  test.each(NO_CONSTRUCTS)('%j as the check of signatures, without which unsigned code is taken', (value, got) => {
    expect(() => testVault({ codeSigningConfig: value as never })).toThrow(
      `codeSigningConfig: expected a CodeSigningConfig, got ${got}`,
    );
  });

  test.each(NO_CONSTRUCTS.slice(0, 4))(
    '%j as the signed code, instead of which unsigned code is taken',
    (value, got) => {
      expect(() => testVault({ signedCode: value as never, bundles: undefined })).toThrow(
        `signedCode: expected an object, got ${got}`,
      );
    },
  );

  test.each(NO_CONSTRUCTS)('%j as the network of a share key, without which it serves any network', (value, got) => {
    const props = { environment: 'dev', sourceVpc: value as never };

    expect(() => new ShareKey(testStack(), 'Key', props)).toThrow(
      `sourceVpc: expected a network of the CDK, got ${got}`,
    );
  });
});
