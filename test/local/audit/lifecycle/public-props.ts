import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const LIB = join(__dirname, '..', '..', '..', '..', 'lib');

/**
 * Returns the name of every prop of a vault as the interfaces in `lib/` declare them; members of an options interface
 * are named after the prop that takes it: `webhook.responseTimeout`.
 */
export function publicProps(): readonly string[] {
  const interfaces = new Map(readdirSync(LIB).filter(isSource).flatMap(interfacesOf));
  const propsOf = (name: string): readonly string[] => {
    const declared = interfaces.get(name);
    if (!declared) throw new Error(`expected an interface ${name} in lib/, got none`);
    const inherited = (declared.heritageClauses ?? [])
      .flatMap(({ types }) => types)
      .flatMap((type) => propsOf(type.getText()));
    const own = declared.members.filter(ts.isPropertySignature).flatMap((member) => {
      const prop = member.name.getText();
      const type = member.type?.getText() ?? '';
      const options = type.endsWith('Options') && interfaces.has(type) ? propsOf(type) : [];
      return [prop, ...options.map((option) => `${prop}.${option}`)];
    });
    return [...inherited, ...own];
  };
  return propsOf('ShareVaultProps');
}

const isSource = (file: string): boolean => file.endsWith('.ts') && !file.endsWith('.d.ts');

function interfacesOf(file: string): readonly (readonly [string, ts.InterfaceDeclaration])[] {
  const source = ts.createSourceFile(file, readFileSync(join(LIB, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  return source.statements.filter(ts.isInterfaceDeclaration).map((each) => [each.name.text, each] as const);
}
