import { AZURE_AUDIENCE, type VaultLogin as Login } from '../lambda/contract/elsewhere';
import { type Identity, requireSeparate } from './private/elsewhere';
import { refuse, requireObject, requireText } from './private/checks';
import { ELSEWHERE } from './private/elsewhere-patterns';

/** Props of every login at HashiCorp Vault or OpenBao: a role for each of the two identities. */
export interface VaultLoginProps {
  /** Role of the auth method for the functions that seal. */
  readonly sealRole: string;
  /** Role of the auth method for the function that unseals. */
  readonly unsealRole: string;

  /**
   * Role of the auth method for the functions that destroy records. Only for a `BodyStore`, which needs it.
   *
   * @default - none
   */
  readonly destroyRole?: string;

  /**
   * Path of the auth method, without `auth/`.
   *
   * @default - 'jwt' or 'aws', the name of the method
   */
  readonly mount?: string;
}

/** Props of `VaultLogin.jwt`. */
export interface VaultJwtLoginProps extends VaultLoginProps {
  /**
   * Audience of the tokens, as in the role's `bound_audiences`. Give each Vault an audience of its own: one that gets a
   * token could use it at every other that accepts its audience. One audience for two addresses is refused.
   *
   * @default - the address of the Vault
   */
  readonly audience?: string;
}

/** Props of `VaultLogin.aws`. */
export interface VaultAwsLoginProps extends VaultLoginProps {
  /**
   * Value of the header `X-Vault-AWS-IAM-Server-ID`, as in the auth method's `iam_server_id_header_value`. With it, a
   * login is of no use at another Vault.
   *
   * @default - no such header
   */
  readonly serverId?: string;
}

/** How functions log in to HashiCorp Vault or OpenBao: without a stored credential, each with its own role. */
export class VaultLogin {
  /** Logs in with a web identity token of AWS STS. For Vault and OpenBao. */
  public static jwt(props: VaultJwtLoginProps): VaultLogin {
    const { mount = 'jwt', audience } = checked(props);
    if (audience !== undefined) requireOwnAudience(audience);
    return new VaultLogin((role, address) => ({ method: 'jwt', mount, role, audience: audience ?? address }), props);
  }

  /** Logs in with a signed `GetCallerIdentity`. For Vault; OpenBao has no such method. */
  public static aws(props: VaultAwsLoginProps): VaultLogin {
    const { mount = 'aws', serverId } = checked(props);
    if (serverId !== undefined) requireText('serverId', serverId, ELSEWHERE.audience);
    return new VaultLogin((role) => ({ method: 'aws', mount, role, ...(serverId && { serverId }) }), props);
  }

  private constructor(
    private readonly login: (role: string, address: string) => Login,
    private readonly props: VaultLoginProps,
  ) {}

  /**
   * Describes the login of one identity for the functions.
   *
   * @internal
   */
  public _describe(identity: Identity, address: string): Login {
    const { sealRole, unsealRole, destroyRole } = this.props;
    const role = { seal: sealRole, unseal: unsealRole, destroy: destroyRole }[identity];
    if (role === undefined)
      throw new Error('destroyRole: expected a role of the auth method for a body store, got none');
    return this.login(role, address);
  }
}

/** Throws for an audience of Google Cloud or Azure: a Vault that gets such a token could act there as the function. */
function requireOwnAudience(audience: unknown): void {
  requireText('audience', audience, ELSEWHERE.audience);
  if (audience === AZURE_AUDIENCE || ELSEWHERE.googleAudience.pattern.test(audience)) {
    refuse('audience', 'one that only this Vault accepts', audience);
  }
}

function checked<P extends VaultLoginProps>(props: P): P {
  requireObject('login', props);
  requireText('sealRole', props.sealRole, ELSEWHERE.vaultName);
  requireText('unsealRole', props.unsealRole, ELSEWHERE.vaultName);
  requireSeparate('unsealRole', props.sealRole, props.unsealRole);
  if (props.destroyRole !== undefined) {
    requireText('destroyRole', props.destroyRole, ELSEWHERE.vaultName);
    requireSeparate('destroyRole', props.sealRole, props.destroyRole);
    requireSeparate('destroyRole', props.unsealRole, props.destroyRole, 'unseal');
  }
  if (props.mount !== undefined) requireText('mount', props.mount, ELSEWHERE.vaultPath);
  return props;
}
