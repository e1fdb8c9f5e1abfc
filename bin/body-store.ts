import { Duration } from 'aws-cdk-lib';
import { BODY_STORE_LIMITS } from '../lambda/contract/elsewhere';
import { BodyStore } from '../lib/body-store';
import { ELSEWHERE } from '../lib/private/elsewhere-patterns';
import { Fields } from './fields';
import { readGoogleLogin, readVaultLogin, readVaultPlace } from './logins';

const STORES: Readonly<Record<string, (fields: Fields) => BodyStore | undefined>> = {
  secretsManager: readSecretsManager,
  googleSecretManager: readGoogle,
  azureKeyVault: readAzure,
  vaultKv: readVault,
};

/** Reads `bodyStore` of one environment. Durations are numbers of days. */
export function readBodyStore(environment: Fields, problems: string[]): BodyStore | undefined {
  const value = environment.take('bodyStore');
  if (value === undefined) return undefined;
  const fields = new Fields('bodyStore', value, problems);
  return fields.requiredOneOf('type', STORES)?.(fields);
}

function readSecretsManager(fields: Fields): BodyStore | undefined {
  const { max } = BODY_STORE_LIMITS.secretsManagerDays;
  const props = {
    maxRecords: readMaxRecords(fields, 'secrets-manager'),
    recoveryWindow: days(fields.number('recoveryWindowDays', { min: 0, max })),
  };
  return fields.create(() => BodyStore.secretsManager(props));
}

function readGoogle(fields: Fields): BodyStore | undefined {
  const props = {
    maxRecords: readMaxRecords(fields, 'google-secret-manager'),
    project: fields.requiredText('project', ELSEWHERE.googleProject),
    ...readGoogleLogin(fields),
    destroyDelay: days(fields.number('destroyDelayDays', BODY_STORE_LIMITS.googleDelayDays)),
  };
  return fields.create(() => BodyStore.googleSecretManager(props));
}

function readAzure(fields: Fields): BodyStore | undefined {
  const clients = fields.object('clients');
  const client = (name: string): string => clients.requiredText(name, ELSEWHERE.uuid);
  const props = {
    maxRecords: readMaxRecords(fields, 'azure-key-vault'),
    vaultUrl: fields.requiredText('vaultUrl', ELSEWHERE.azureVault),
    tenantId: fields.requiredText('tenantId', ELSEWHERE.uuid),
    clients: { seal: client('seal'), unseal: client('unseal'), destroy: client('destroy') },
    recovery: Duration.days(fields.requiredNumber('recoveryDays', BODY_STORE_LIMITS.azureDays)),
    purge: fields.flag('purge'),
  };
  clients.refuseOthers();
  return fields.create(() => BodyStore.azureKeyVault(props));
}

function readVault(fields: Fields): BodyStore | undefined {
  const maxRecords = readMaxRecords(fields, 'vault-kv');
  const place = readVaultPlace(fields);
  const login = readVaultLogin(fields);
  return fields.create(() => login && BodyStore.vaultKv({ ...place, maxRecords, login }));
}

function readMaxRecords(fields: Fields, type: keyof typeof BODY_STORE_LIMITS.maxRecords): number {
  return fields.requiredNumber('maxRecords', { min: 1, max: BODY_STORE_LIMITS.maxRecords[type] });
}

function days(count: number | undefined): Duration | undefined {
  return count === undefined ? undefined : Duration.days(count);
}
