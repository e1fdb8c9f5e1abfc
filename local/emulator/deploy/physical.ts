import type { Physical } from '../template';

/** What the parts of a deployment are called once they stand, for the template's references to them. */
export class PhysicalNames {
  readonly #names = new Map<string, string>();

  /** @param attributes by the name that `Fn::GetAtt` knows them by; `Ref` has the empty one */
  set(logicalId: string, attributes: Readonly<Record<string, string>>): void {
    for (const [attribute, name] of Object.entries(attributes)) this.#names.set(`${logicalId} ${attribute}`, name);
  }

  readonly find: Physical = (logicalId, attribute) => this.#names.get(`${logicalId} ${attribute}`);
}
