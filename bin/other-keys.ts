import { type AzureKeyProps, ExternalKey } from '../lib/external-key';
import { ELSEWHERE } from '../lib/private/elsewhere-patterns';
import type { IRecordKey } from '../lib/record-key';
import { Fields } from './fields';
import { readGoogleLogin, readVaultLogin, readVaultPlace } from './logins';

/** Keys of an environment outside AWS. */
export interface OtherKeysConfig {
  readonly shareKey?: IRecordKey | undefined;
  readonly otherKeys?: ExternalKey[] | undefined;
  readonly openWithOtherKeys?: boolean | undefined;
}

const KEYS: Readonly<Record<string, (fields: Fields) => ExternalKey | undefined>> = {
  googleCloudKms: readGoogleKey,
  azureKeyVault: (fields) => readAzureKey(fields, 'azureKeyVault', ELSEWHERE.azureVaultKey),
  azureManagedHsm: (fields) => readAzureKey(fields, 'azureManagedHsm', ELSEWHERE.azureHsmKey),
  vaultTransit: readTransitKey,
};

/** Reads `shareKey`, `otherKeys` and `openWithOtherKeys` of one environment. */
export function readOtherKeys(environment: Fields, problems: string[]): OtherKeysConfig {
  const shareKey = environment.take('shareKey');
  const otherKeys = environment.take('otherKeys');
  if (otherKeys !== undefined && !Array.isArray(otherKeys)) {
    environment.refuse('otherKeys', `expected a list of keys, got ${JSON.stringify(otherKeys)}`);
  }
  const list: unknown[] | undefined = Array.isArray(otherKeys) ? otherKeys : undefined;
  return {
    shareKey: shareKey === undefined ? undefined : readKey(new Fields('shareKey', shareKey, problems)),
    otherKeys: list?.flatMap((key, place) => readKey(new Fields(`otherKeys[${place}]`, key, problems)) ?? []),
    openWithOtherKeys: environment.flag('openWithOtherKeys'),
  };
}

function readKey(fields: Fields): ExternalKey | undefined {
  return fields.requiredOneOf('type', KEYS)?.(fields);
}

function readGoogleKey(fields: Fields): ExternalKey | undefined {
  const props = { key: fields.requiredText('key', ELSEWHERE.googleKey), ...readGoogleLogin(fields) };
  return fields.create(() => ExternalKey.googleCloudKms(props));
}

function readAzureKey(
  fields: Fields,
  type: 'azureKeyVault' | 'azureManagedHsm',
  keyId: (typeof ELSEWHERE)['azureVaultKey' | 'azureHsmKey'],
): ExternalKey | undefined {
  const props: AzureKeyProps = {
    keyId: fields.requiredText('keyId', keyId),
    tenantId: fields.requiredText('tenantId', ELSEWHERE.uuid),
    sealClientId: fields.requiredText('sealClientId', ELSEWHERE.uuid),
    unsealClientId: fields.requiredText('unsealClientId', ELSEWHERE.uuid),
  };
  return fields.create(() => ExternalKey[type](props));
}

function readTransitKey(fields: Fields): ExternalKey | undefined {
  const key = fields.requiredText('key', ELSEWHERE.vaultName);
  const place = readVaultPlace(fields);
  const login = readVaultLogin(fields);
  return fields.create(() => login && ExternalKey.vaultTransit({ ...place, key, login }));
}
