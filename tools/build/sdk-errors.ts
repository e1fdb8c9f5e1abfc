import type { Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';

/** An error class as the AWS SDK generates it, with its further members. */
const CLASS =
  /export class (?<name>\w+) extends __BaseException \{\s*static shapeId = "(?<namespace>[\w.]+)#\k<name>";\s*name = "\k<name>";\s*\$fault = "(?<fault>client|server)";(?<fields>(?:\s*\w+;)*)\s*constructor\(opts\) \{\s*super\(\{\s*name: "\k<name>",\s*\$fault: "\k<fault>",\s*\.\.\.opts,\s*\}\);\s*Object\.setPrototypeOf\(this, \k<name>\.prototype\);(?<assigned>(?:\s*this\.(?<field>\w+) = opts\.\k<field>;)*)\s*\}\s*\}/g;
const IMPORT = /^import \{ \w+ as __BaseException \} from "\.\/\w+";$/m;

/**
 * Lets the classes of a client's errors, some fifty in KMS's, share one definition. An error keeps its name, fault,
 * members and shape id. A file with anything else in it stays as it is.
 */
export const withSharedErrors: Plugin = {
  name: 'with-shared-errors',
  setup(builder) {
    builder.onLoad({ filter: /\/@aws-sdk\/client-[a-z-]+\/dist-es\/models\/errors\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      return { contents: sharedErrors(source) ?? source, loader: 'js' };
    });
  },
};

/** Returns the source with one definition, or undefined for a source with anything but generated classes. */
export function sharedErrors(source: string): string | undefined {
  const classes = [...source.matchAll(CLASS)].map(({ groups = {} }) => groups);
  const base = IMPORT.exec(source)?.[0];
  const [namespace, ...others] = new Set(classes.map((each) => each.namespace));
  const rest = source.replaceAll(CLASS, '').replace(IMPORT, '').trim();
  if (base === undefined || namespace === undefined || others.length > 0 || rest !== '') return undefined;
  if (classes.some(({ fields, assigned }) => wordsOf(fields).join() !== assignedOf(assigned).join())) return undefined;
  const exported = classes.map(({ name = '', fault = '', fields }) => {
    const members = wordsOf(fields).map((field) => `, ${JSON.stringify(field)}`);
    return `export const ${name} = /* @__PURE__ */ define("${name}", "${fault}"${members.join('')});`;
  });
  return [base, definition(namespace), ...exported].join('\n');
}

const wordsOf = (fields = ''): string[] => fields.match(/\w+/g) ?? [];
const assignedOf = (assigned = ''): string[] => [...assigned.matchAll(/this\.(\w+)/g)].map(([, field = '']) => field);

function definition(namespace: string): string {
  return `
    function define(name, $fault, ...fields) {
      return class Defined extends __BaseException {
        static shapeId = "${namespace}#" + name;
        name = name;
        $fault = $fault;
        constructor(opts) {
          super({ name, $fault, ...opts });
          Object.setPrototypeOf(this, Defined.prototype);
          for (const field of fields) this[field] = opts[field];
        }
      };
    }`;
}
