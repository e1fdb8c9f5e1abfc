import type { GoogleCloudKmsProps, VaultTransitProps } from '../lib/external-key';
import { GoogleLogin } from '../lib/google-login';
import { ELSEWHERE } from '../lib/private/elsewhere-patterns';
import type { Pattern } from '../lib/private/patterns';
import { VaultLogin, type VaultLoginProps } from '../lib/vault-login';
import type { Fields } from './fields';
import { readPemFile } from './pem-file';

const GOOGLE_LOGINS = Object.fromEntries(Object.values(GoogleLogin).map((login) => [login, login]));

/** Members of the login at Google Cloud. */
type GoogleLoginConfig = Pick<GoogleCloudKmsProps, 'workloadIdentityProvider' | 'login'>;
/** Members of an engine of HashiCorp Vault or OpenBao. */
type VaultPlaceConfig = Pick<VaultTransitProps, 'address' | 'mount' | 'vaultNamespace' | 'caCertificate'>;

/** The provider's own name, without the prefix of the audience. */
const PROVIDER: Pattern = {
  pattern: new RegExp(ELSEWHERE.googleAudience.pattern.source.replace('\\/\\/iam\\.googleapis\\.com\\/', '')),
  expected: ELSEWHERE.googleAudience.expected,
};

/** Reads the members of the login at Google Cloud. */
export function readGoogleLogin(fields: Fields): GoogleLoginConfig {
  return {
    workloadIdentityProvider: fields.requiredText('workloadIdentityProvider', PROVIDER),
    login: fields.oneOf('login', GOOGLE_LOGINS),
  };
}

/** Reads the members of an engine of HashiCorp Vault or OpenBao, without its login. */
export function readVaultPlace(fields: Fields): VaultPlaceConfig {
  return {
    address: fields.requiredText('address', ELSEWHERE.vaultAddress),
    mount: fields.text('mount', ELSEWHERE.vaultPath),
    vaultNamespace: fields.text('vaultNamespace', ELSEWHERE.vaultPath),
    caCertificate: readPemFile(fields, 'caCertificate'),
  };
}

/** Reads `login` at HashiCorp Vault or OpenBao: `{ type: 'jwt' or 'aws', sealRole, unsealRole, … }`. */
export function readVaultLogin(parent: Fields): VaultLogin | undefined {
  const fields = parent.object('login');
  return fields.requiredOneOf('type', { jwt: readJwt, aws: readAws })?.(fields);
}

function readJwt(fields: Fields): VaultLogin | undefined {
  const props = { ...readRoles(fields), audience: fields.text('audience', ELSEWHERE.audience) };
  return fields.create(() => VaultLogin.jwt(props));
}

function readAws(fields: Fields): VaultLogin | undefined {
  const props = { ...readRoles(fields), serverId: fields.text('serverId', ELSEWHERE.audience) };
  return fields.create(() => VaultLogin.aws(props));
}

function readRoles(fields: Fields): VaultLoginProps {
  return {
    sealRole: fields.requiredText('sealRole', ELSEWHERE.vaultName),
    unsealRole: fields.requiredText('unsealRole', ELSEWHERE.vaultName),
    destroyRole: fields.text('destroyRole', ELSEWHERE.vaultName),
    mount: fields.text('mount', ELSEWHERE.vaultPath),
  };
}
