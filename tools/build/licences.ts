import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import satisfies from 'spdx-satisfies';

/** SPDX identifiers of the licences that a package in a bundle may have: the bundle is published under Apache-2.0. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
] as const;

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression */
  readonly licence: string;
  /** the package's licence and notice files */
  readonly text: string;
}

/**
 * Returns the npm packages of these files (absolute paths), sorted by name and version. Throws an error that names every
 * package without an allowed licence or without its text.
 */
export function bundledPackages(files: readonly string[]): BundledPackage[] {
  const roots = new Set(files.map(packageRoot).filter((root) => root !== undefined));
  const packages = [...roots].map(readPackage).sort(byNameAndVersion);
  const refused = packages.filter(({ licence, text }) => !isAllowed(licence) || text === '');
  if (refused.length > 0) {
    const list = refused.map(({ name, version, licence, text }) => `${name}@${version}: ${licence}${text === '' ? ', no text' : ''}`); // prettier-ignore
    throw new Error(`expected packages under a licence that may be shipped, with its text, got ${list.join('; ')}`);
  }
  return packages;
}

/** Returns the text that goes beside a bundle: its packages, each distinct text once, and the sources' legal comments. */
export function licenceTexts(packages: readonly BundledPackage[], legalComments = ''): string {
  const byText = Map.groupBy(packages, ({ text }) => text);
  const sections = [...byText].map(([text, of]) => {
    const heading = of.map(({ name, version, licence }) => `${name} ${version} (${licence})`).join('\n');
    return `${heading}\n\n${text}\n`;
  });
  if (legalComments !== '') sections.push(`Comments in the sources\n\n${legalComments.trim()}\n`);
  return sections.length === 0 ? 'This bundle holds no third-party code.\n' : sections.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Returns true if an SPDX expression leaves a choice of licences that are all allowed. An expression that is none is refused. */
export function isAllowed(expression: string): boolean {
  try {
    return satisfies(expression, ALLOWED);
  } catch {
    return false;
  }
}

function packageRoot(file: string): string | undefined {
  const marker = `${sep}node_modules${sep}`;
  const at = file.lastIndexOf(marker);
  if (at < 0) return undefined;
  const [scope = '', name = ''] = file.slice(at + marker.length).split(sep);
  return join(file.slice(0, at), 'node_modules', scope.startsWith('@') ? join(scope, name) : scope);
}

function readPackage(root: string): BundledPackage {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    name: textOf(manifest, 'name') ?? root,
    version: textOf(manifest, 'version') ?? 'unknown',
    licence: textOf(manifest, 'license') ?? 'none stated',
    text: licenceText(root),
  };
}

function textOf(manifest: unknown, member: string): string | undefined {
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  const value: unknown = Reflect.get(manifest, member);
  return typeof value === 'string' ? value : undefined;
}

/** Returns the licence and notice files, or the section of the readme if a package has none. */
function licenceText(root: string): string {
  const entries = readdirSync(root, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name).sort(); // prettier-ignore
  const read = (name: string): string => readFileSync(join(root, name), 'utf8').replaceAll('\r\n', '\n').trim();
  const files = names.filter((name) => /^(licen[cs]e|copying|notice|copyrightnotice)/i.test(name)).map(read);
  if (files.length > 0) return files.join('\n\n');
  const readme = names.filter((name) => /^readme/i.test(name)).map(read);
  const section = /^#+ *licen[cs]e\s*\n(.*)/ims.exec(readme.join('\n'))?.[1]?.trim() ?? '';
  return section.includes('Permission is hereby granted') ? section : '';
}

function byNameAndVersion(a: BundledPackage, b: BundledPackage): number {
  const [left, right] = [`${a.name}@${a.version}`, `${b.name}@${b.version}`];
  // by code unit: a locale's order differs between machines
  return left < right ? -1 : left > right ? 1 : 0;
}
