import data from './allow-list/touches.json';
import { canName, overlap } from './arn-patterns';
import { at, isList, isObject, type Json } from './json';

interface Use {
  readonly type: string;
  readonly at: string;
  readonly text?: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly without?: readonly string[];
}

interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly path?: string;
}

/** The uses of a vault's resources that resources outside it may have. */
export class Touches {
  readonly #uses: readonly { use: Use; type: RegExp; at: RegExp; text: RegExp }[];
  readonly #permissions = (data.permissions as readonly Permission[]).map(({ action, resource, path }) => ({
    action: whole(action),
    resource: whole(resource),
    path,
  }));
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

  /** Returns whether a resource of a type may mention a vault at a property. */
  allowsUse(type: string, property: string, text: string, properties: Json): boolean {
    if (text.includes('{{resolve:')) return false;
    return this.#uses.some(
      (each) =>
        each.type.test(type) &&
        each.at.test(withoutIf(property)) &&
        each.text.test(text) &&
        Object.entries(each.use.with ?? {}).every(([name, value]) => at(properties, name) === value) &&
        (each.use.without ?? []).every((name) => at(properties, name) === undefined),
    );
  }

  /** Returns whether resources of a type are used with vaults at all. */
  knows(type: string): boolean {
    return this.#uses.some((each) => each.use.type !== '.*' && each.type.test(type));
  }

  /** Returns whether an identity outside a vault may have a permission on it; some only by policies of an IAM path. */
  allows(action: string, resource: string, policyPath: unknown): boolean {
    return this.#permissions.some(
      (each) =>
        each.action.test(action) &&
        each.resource.test(resource) &&
        (each.path === undefined || each.path === policyPath),
    );
  }

  allowsAnywhere(action: string): boolean {
    return this.#anywhere.some((each) => each.test(action));
  }

  /** Returns whether an action on a resource can be one on a vault; both may hold wildcards. */
  covers(action: string, resource: string): boolean {
    const [service = ''] = action.includes('${') ? ['*'] : action.toLowerCase().split(':');
    return Object.entries(data.guarded).some(
      ([name, resources]) => overlap(service, name) && resources.some((each) => canName(resource, arnOf(name, each))),
    );
  }

  isAdministrative(managedPolicyArn: string): boolean {
    return this.#managed.test(managedPolicyArn);
  }

  /** Returns why a type is refused wherever it is, undefined if it is not. */
  refusedType(type: string): string | undefined {
    return Object.entries(data.types).find(([name]) => whole(name).test(type))?.[1];
  }

  /** Returns the texts of a resource that cover a vault without its name, by property. */
  wideTexts(type: string, properties: Json): readonly { readonly property: string; readonly text: string }[] {
    const rules = data.wide.filter((rule) => whole(rule.type).test(type) && !whole(rule.except ?? '').test(type));
    return textsAt(properties, 'Properties').filter(({ property, text }) =>
      rules.some((rule) => whole(rule.at).test(property) && whole(rule.text).test(text)),
    );
  }
}

/** Removes conditions from a property: each value that one chooses is a value of the property. */
function withoutIf(property: string): string {
  return property.replace(/\.Fn::If\[\d+\]/g, '');
}

/** Returns a guarded resource's ARN: the list has a resource of the service, or an ARN of another service. */
function arnOf(service: string, resource: string): string {
  return resource.startsWith('arn:') ? resource : `arn:*:${service}:*:*:${resource}`;
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
