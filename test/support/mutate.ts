import { isDeepStrictEqual } from 'node:util';
import { maskId } from '../../local/audit/plain';

/** A synthesized template, as JSON. */
export interface TemplateJson {
  readonly Resources: Readonly<Record<string, Json>>;
}

/** A defect: returns a copy of the template with it. */
export type Mutation = (template: TemplateJson) => TemplateJson;

/** Path to a member of a resource: names, indices, or a predicate that selects one element of a list. */
export type Path = readonly (string | number | ((element: unknown) => boolean))[];

type Json = Record<string, unknown>;

/** Replaces or adds a value. Resources are named without their ids' hashes. */
export function set(resource: string, path: Path, value: unknown): Mutation {
  return changed(resource, path, (parent, key) => (parent[key] = value));
}

/** Removes a member, or an element of a list. */
export function remove(resource: string, path: Path): Mutation {
  return changed(resource, path, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else Reflect.deleteProperty(parent, key);
  });
}

/** Adds an element to a list. A single value becomes the first element of a list. */
export function append(resource: string, path: Path, element: unknown): Mutation {
  return changed(resource, path, (parent, key) => {
    const standing = parent[key];
    parent[key] = Array.isArray(standing) ? [...(standing as unknown[]), element] : [standing, element].filter(Boolean);
  });
}

/** Removes a resource. */
export function drop(resource: string): Mutation {
  return (template) => {
    const copy = copyOf(template);
    Reflect.deleteProperty(copy.Resources, idOf(template, resource));
    return copy;
  };
}

/** Adds a resource. */
export function add(id: string, type: string, properties: Json): Mutation {
  return (template) => ({ Resources: { ...template.Resources, [id]: { Type: type, Properties: properties } } });
}

/** Combines several changes into one defect. */
export function all(...mutations: readonly Mutation[]): Mutation {
  return (template) => mutations.reduce((changing, mutation) => mutation(changing), template);
}

function changed(resource: string, path: Path, change: (parent: Json, key: string) => void): Mutation {
  return (template) => {
    const copy = copyOf(template);
    const steps = [...path];
    const last = steps.pop();
    if (last === undefined) throw new Error('expected a path of a step at least, got none');
    let parent: unknown = copy.Resources[idOf(template, resource)];
    for (const step of steps) parent = container(parent, step)[keyOf(parent, step)];
    change(container(parent, last), keyOf(parent, last));
    if (isDeepStrictEqual(copy, template)) throw new Error(`expected a change of ${resource}, got the same template`);
    return copy;
  };
}

/** Copies through text, because jest's `structuredClone` creates objects of another realm and deep equality rejects them. */
function copyOf(template: TemplateJson): TemplateJson {
  return JSON.parse(JSON.stringify(template)) as TemplateJson;
}

function idOf(template: TemplateJson, resource: string): string {
  const ids = Object.keys(template.Resources).filter((id) => maskId(id) === resource);
  if (ids[0] === undefined || ids.length > 1) throw new Error(`expected one ${resource}, got ${ids.length}`);
  return ids[0];
}

function container(parent: unknown, step: Path[number]): Json {
  if (typeof parent !== 'object' || parent === null) {
    throw new Error(`expected something to hold ${String(step)}, got ${typeof parent}`);
  }
  return parent as Json;
}

function keyOf(parent: unknown, step: Path[number]): string {
  if (typeof step !== 'function') return String(step);
  const indices = (Array.isArray(parent) ? (parent as unknown[]) : []).flatMap((each, i) => (step(each) ? [i] : []));
  if (indices.length !== 1) throw new Error(`expected the path to pick one element, got ${indices.length}`);
  return String(indices[0]);
}
