import { GoogleError } from './google-error';
import type { Identity } from './pool';

/** The permissions of the roles that the vault uses: predefined ones, and a project's own, as in docs/body-stores.md. */
const ROLES = {
  'roles/cloudkms.cryptoKeyEncrypter': ['cloudkms.cryptoKeyVersions.useToEncrypt'],
  'roles/cloudkms.cryptoKeyDecrypter': ['cloudkms.cryptoKeyVersions.useToDecrypt'],
  'roles/cloudkms.viewer': ['cloudkms.cryptoKeys.get', 'cloudkms.cryptoKeyVersions.list'],
  'roles/secretmanager.secretAccessor': ['secretmanager.versions.access'],
  shareVaultCreateBodies: ['secretmanager.secrets.create', 'secretmanager.versions.add'],
  shareVaultDestroyBodies: [
    ...(['secretmanager.secrets.delete', 'secretmanager.secrets.get', 'secretmanager.secrets.update'] as const),
    'secretmanager.versions.disable',
  ],
  shareVaultListBodies: ['secretmanager.secrets.list'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type GoogleRole = keyof typeof ROLES;
export type Permission = (typeof ROLES)[GoogleRole][number];

export interface Binding {
  readonly role: GoogleRole;
  /** `principal://…/subject/SUBJECT` or `principalSet://…` */
  readonly member: string;
  /** resource name that the role is granted on: it applies to all that is below it */
  readonly resource: string;
}

/** Who may do what: the bindings on projects, keys and secrets. */
export class IamPolicy {
  readonly #bindings: Binding[] = [];

  add(...bindings: readonly Binding[]): void {
    this.#bindings.push(...bindings);
  }

  /** Removes every binding of a member. */
  remove(member: string): void {
    const others = this.#bindings.filter((binding) => binding.member !== member);
    this.#bindings.splice(0, this.#bindings.length, ...others);
  }

  /** Throws `PERMISSION_DENIED`, also if the resource doesn't exist. */
  require({ members }: Identity, permission: Permission, resource: string): void {
    const allowed = this.#bindings.some(
      (binding) =>
        members.includes(binding.member) &&
        `${resource}/`.startsWith(`${binding.resource}/`) &&
        ROLES[binding.role].some((each) => each === permission),
    );
    if (allowed) return;
    const message = `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`;
    throw new GoogleError('PERMISSION_DENIED', message);
  }
}
