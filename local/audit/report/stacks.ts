import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type AssemblyStack, TemplateError, readAssembly } from '../../emulator/template';
import { siblingsOf, stackOf } from '../../emulator/deploy/place';
import { at, isObject } from '../json';
import type { TemplateJson } from '../lifecycle';

/** What to audit: a template, or all stacks of an app, or some of them. */
export interface AuditSource {
  readonly template?: string | undefined;
  readonly app?: string | undefined;
  readonly stacks?: readonly string[] | undefined;
}

/** A template as its file has it: not linked with others, and nothing in it is resolved. */
export interface AuditedStack {
  readonly name: string;
  /** the name of the template's file */
  readonly file: string;
  readonly sha256: string;
  readonly template: TemplateJson;
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/** The templates to audit, and those of stacks whose exports they use. */
export interface AuditedStacks {
  readonly stacks: readonly AuditedStack[];
  /** templates by the name of the stack, those of nested stacks also by their logical ids */
  readonly known: Readonly<Record<string, unknown>>;
}

/** Reads the templates of a source, nested ones included. Throws `TemplateError` if one can't be read. */
export function readAuditedStacks({ template, app, stacks = [] }: AuditSource): AuditedStacks {
  const all = app === undefined ? siblingsOf(template ?? '') : readAssembly(app).stacks;
  const chosen = app === undefined ? [stackOf(template ?? '', all)] : chooseStacks(all, stacks, app);
  const read = chosen.flatMap(readWithNested);
  const others = all.filter(({ file }) => chosen.every((each) => each.file !== file)).flatMap(readWithNested);
  const known = [...others, ...read].flatMap(({ stack, nestedId }) => [
    [stack.name, stack.template] as const,
    ...(nestedId === undefined ? [] : [[nestedId, stack.template] as const]),
  ]);
  return { stacks: read.map(({ stack }) => stack), known: Object.fromEntries(known) };
}

/** Returns the SHA-256 of a file's bytes in hexadecimal. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function chooseStacks(all: readonly AssemblyStack[], names: readonly string[], app: string): readonly AssemblyStack[] {
  const unknown = names.find((name) => all.every((stack) => stack.name !== name && stack.id !== name));
  if (unknown !== undefined || all.length === 0) {
    throw new TemplateError(`${app}: expected a stack of the app, got ${unknown ?? 'none'}`);
  }
  return names.length === 0 ? all : all.filter(({ name, id }) => names.includes(name) || names.includes(id));
}

interface Read {
  readonly stack: AuditedStack;
  /** the logical id in the parent of a nested stack */
  readonly nestedId?: string;
}

function readWithNested(stack: AssemblyStack): readonly Read[] {
  const own = readOne(stack.name, stack.file, stack);
  return [{ stack: own }, ...nestedIn(own.template, dirname(stack.file), stack)];
}

/** Reads the templates that resources of a template name as their assets. */
function nestedIn(template: TemplateJson, folder: string, place: AssemblyStack): readonly Read[] {
  return Object.entries(template.Resources).flatMap(([id, resource]) => {
    const asset = at(resource, 'Metadata', 'aws:asset:path');
    if (resource.Type !== 'AWS::CloudFormation::Stack' || typeof asset !== 'string') return [];
    const file = join(folder, asset);
    if (!existsSync(file)) return [];
    const stack = readOne(basename(asset).replace(/\.nested\.template\.json$/, ''), file, place);
    return [{ stack, nestedId: id }, ...nestedIn(stack.template, folder, place)];
  });
}

function readOne(
  name: string,
  file: string,
  { account, region }: Pick<AssemblyStack, 'account' | 'region'>,
): AuditedStack {
  // prettier-ignore
  const bytes = readBytes(file);
  return { name, file: basename(file), sha256: sha256(bytes), template: parseTemplate(bytes, file), account, region };
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new TemplateError(`${file}: expected a file that can be read, got none`, { cause: error });
  }
}

/** Parses a template, without quoting the file in an error. */
export function parseTemplate(bytes: Uint8Array, file: string): TemplateJson {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new TemplateError(`${file}: expected JSON, as \`cdk synth\` writes it, got something else`);
  }
  const resources = at(value, 'Resources');
  if (!isObject(resources) || !Object.values(resources).every(isObject)) {
    throw new TemplateError(`${file}: expected a template with Resources, got something else`);
  }
  return value as TemplateJson;
}
