import type { MaterialKind } from './material-kind';
import type { Operation } from './operation';

/** Options of an actor. */
export interface ActorProps {
  /**
   * Kinds of record that the actor may seal, unseal and revoke.
   *
   * @default - none: the actor can only read properties and audit
   */
  readonly kinds?: MaterialKind[];

  /**
   * Operations that the actor may call from the start, for consumers that are deployed elsewhere. A grant in this app
   * adds its operation itself.
   *
   * @default - the operations that this app grants
   */
  readonly operations?: Operation[];

  /**
   * Other accounts. Their identities may call `operations` as this actor if their own policies allow it too.
   *
   * @default - none
   */
  readonly accounts?: string[];
}
