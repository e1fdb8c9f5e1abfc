import type { Physical } from '../template';

/** The physical names of deployed resources. The template's references resolve to them. */
export class PhysicalNames {
  readonly #names = new Map<string, string>();

  /** @param attributes values by their `Fn::GetAtt` name; the empty name is for `Ref` */
  set(logicalId: string, attributes: Readonly<Record<string, string>>): void {
    for (const [attribute, name] of Object.entries(attributes)) this.#names.set(`${logicalId} ${attribute}`, name);
  }

  readonly find: Physical = (logicalId, attribute) => this.#names.get(`${logicalId} ${attribute}`);
}
