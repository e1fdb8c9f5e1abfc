import { describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import type { TemplateJson } from '../support/mutate';
import { testVault } from '../support/vault';

function synthesized(props: Partial<ShareVaultProps> = {}): Template {
  const { vault, template } = testVault({ webhook: {}, ...props });
  vault.addActor('signer', { kinds: [MaterialKind.DELEGATED_SHARE], operations: Object.values(Operation) });
  return template();
}

const before = synthesized();
const after = synthesized({ restoreToken: 'restored in November' });

/** Returns the ids of the resources that differ between the templates, or that only one of them has. */
function changed(one: Template, other: Template): readonly string[] {
  const [first, second] = [one, other].map((template) => (template.toJSON() as TemplateJson).Resources);
  return Object.keys({ ...first, ...second }).filter(
    (id) => JSON.stringify(first?.[id]) !== JSON.stringify(second?.[id]),
  );
}

/** Returns the ids of the resources outside the database construct that read an attribute of the cluster. */
function readersOfTheCluster(template: Template): readonly string[] {
  const { Resources } = template.toJSON() as TemplateJson;
  const [cluster = ''] = Object.keys(template.findResources('AWS::RDS::DBCluster'));
  return Object.entries(Resources)
    .filter(([id]) => !id.startsWith('VaultDatabase'))
    .filter(([, { Properties }]) => JSON.stringify(Properties ?? {}).includes(`"Fn::GetAtt":["${cluster}"`))
    .map(([id]) => id);
}

const ids = (template: Template, type: string): readonly string[] => Object.keys(template.findResources(type));

describe('a changed restore token', () => {
  test.each(['AWS::Lambda::Function', 'AWS::Lambda::Version'])(
    'changes every %s of the vault, since CloudFormation publishes no version of an unchanged function',
    (type) => {
      const own = ids(after, type).filter((id) => /^Vault(Functions|Migration|Reseal|Webhook)/.test(id));

      expect(own).toHaveLength(10);
      expect(changed(before, after)).toEqual(expect.arrayContaining(own));
    },
  );

  test('changes the text of everything that reads an attribute of the cluster, so that it is resolved again', () => {
    const readers = readersOfTheCluster(after);

    expect(readers.filter((id) => id.includes('Permissions'))).toHaveLength(10);
    expect(readers.filter((id) => id.includes('Endpointsecretsmanager'))).toHaveLength(1);
    expect(changed(before, after)).toEqual(expect.arrayContaining([...readers]));
  });

  test('leaves the database itself, its network and the keys as they are', () => {
    expect(changed(before, after).filter((id) => /^Vault(Database|Keys|StorageKey)|Vpc|Group/.test(id))).toEqual([]);
  });

  test('shows nothing of its text, which is the caller’s', () => {
    expect(JSON.stringify(after.toJSON())).not.toContain('November');
  });

  test('is refused as a token, of which nothing is known at synth', () => {
    expect(() => synthesized({ restoreToken: '${Token[RESTORE.1]}' })).toThrow(
      'restoreToken: expected 1 to 64 letters, digits, blanks and _.:/+@=-, got a token',
    );
  });
});

test('an equal restore token changes nothing', () => {
  expect(changed(after, synthesized({ restoreToken: 'restored in November' }))).toEqual([]);
});
