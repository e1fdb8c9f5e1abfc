import { azureErrors } from './azure-error';

/** A data action of Azure's roles, without the resource type before it: `keys/unwrap`, `secrets/setSecret`. */
export type DataAction = `${'keys' | 'secrets'}/${string}`;

export interface Grant {
  /** client id of the application */
  readonly client: string;
  readonly action: DataAction;
  /** name of the one key or secret that it is for @default - all of the vault */
  readonly name?: string;
}

/** The role assignments on one vault: who may call what. */
export class Grants {
  readonly #grants: Grant[] = [];

  add(...grants: readonly Grant[]): void {
    this.#grants.push(...grants);
  }

  /** Removes every grant of an application. */
  remove(client: string): void {
    const others = this.#grants.filter((grant) => grant.client !== client);
    this.#grants.splice(0, this.#grants.length, ...others);
  }

  /** Throws `Forbidden` if no grant allows the action. */
  require(client: string, action: DataAction, name: string): void {
    const allowed = this.#grants.some(
      (grant) => grant.client === client && grant.action === action && (grant.name ?? name) === name,
    );
    if (!allowed) throw azureErrors.forbidden(action);
  }
}
