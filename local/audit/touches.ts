import data from './allow-list/touches.json';
import { at, isList, isObject, type Json } from './json';

interface Use {
  readonly type: string;
  readonly at: string;
  readonly text?: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly without?: readonly string[];
}

/** What resources outside a vault may do with the vault's. */
export class Touches {
  readonly #uses: readonly { use: Use; type: RegExp; at: RegExp; text: RegExp }[];
  readonly #permissions = data.permissions.map(({ action, resource }) => [whole(action), whole(resource)] as const);
  readonly #anywhere = data.anywhere.map(whole);
  readonly #managed = new RegExp(data.managedPolicies);

  constructor() {
    this.#uses = (data.uses as readonly Use[]).map((use) => ({
      use,
      type: whole(use.type),
      at: whole(use.at),
      text: use.text === undefined ? /^/ : whole(use.text),
    }));
  }

  /** Returns whether a resource of a type may speak of a vault at a property. */
  allowsUse(type: string, property: string, text: string, properties: Json): boolean {
    if (text.includes('{{resolve:')) return false;
    return this.#uses.some(
      (each) =>
        each.type.test(type) &&
        each.at.test(property) &&
        each.text.test(text) &&
        Object.entries(each.use.with ?? {}).every(([name, value]) => at(properties, name) === value) &&
        (each.use.without ?? []).every((name) => at(properties, name) === undefined),
    );
  }

  /** Returns whether resources of a type are used with vaults at all. */
  knows(type: string): boolean {
    return this.#uses.some((each) => each.use.type !== '.*' && each.type.test(type));
  }

  allows(action: string, resource: string): boolean {
    return this.#permissions.some(([actions, resources]) => actions.test(action) && resources.test(resource));
  }

  allowsAnywhere(action: string): boolean {
    return this.#anywhere.some((each) => each.test(action));
  }

  /** Returns whether an action on a resource, both of which may hold wildcards, can be one on a vault. */
  covers(action: string, resource: string): boolean {
    const [service = ''] = action.split(':');
    return Object.entries(data.guarded).some(([name, resources]) => {
      const wanted = service === '*' ? true : glob(service.toLowerCase()).test(name);
      return wanted && resources.some((each) => coversResource(resource, name, each));
    });
  }

  isAdministrative(managedPolicyArn: string): boolean {
    return this.#managed.test(managedPolicyArn);
  }

  /** Returns why a type is refused wherever it is, undefined if it is not. */
  refusedType(type: string): string | undefined {
    return (data.types as Readonly<Record<string, string>>)[type];
  }

  /** Returns the texts of a resource that take in a vault without its name, by property. */
  wideTexts(type: string, properties: Json): readonly { readonly property: string; readonly text: string }[] {
    const rules = data.wide.filter((rule) => whole(rule.type).test(type));
    return textsAt(properties, 'Properties').filter(({ property, text }) =>
      rules.some((rule) => whole(rule.at).test(property) && whole(rule.text).test(text)),
    );
  }
}

function coversResource(pattern: string, service: string, resource: string): boolean {
  if (pattern === '*') return true;
  const [arn, , namespace = '', , , ...rest] = pattern.replace(/\$\{AWS::\w+\}/g, '*').split(':');
  return arn === 'arn' && glob(namespace).test(service) && glob(rest.join(':')).test(resource);
}

/** IAM's wildcards as an expression. References to what is outside the vault match nothing of it. */
function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\/-]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
}

function textsAt(value: Json, property: string): readonly { property: string; text: string }[] {
  if (typeof value === 'string') return [{ property, text: value }];
  if (isList(value)) return value.flatMap((each, i) => textsAt(each, `${property}[${i}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => textsAt(each, `${property}.${name}`));
}

function whole(expression: string): RegExp {
  return new RegExp(`^(?:${expression})$`, 's');
}
