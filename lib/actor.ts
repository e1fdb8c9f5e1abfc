import type { MaterialKind } from './material-kind';
import type { Operation } from './operation';

export interface ActorProps {
  /**
   * The kinds of record that the actor may seal, unseal and revoke.
   *
   * @default - none: it can read properties and audit alone
   */
  readonly kinds?: MaterialKind[];

  /**
   * What the actor can do from the start, for consumers that are deployed elsewhere. Grants in this app add to it by themselves.
   *
   * @default - what is granted in this app
   */
  readonly operations?: Operation[];

  /**
   * Other accounts whose identities may act under this name in `operations`, where their own policies agree.
   *
   * @default - none
   */
  readonly accounts?: string[];
}
