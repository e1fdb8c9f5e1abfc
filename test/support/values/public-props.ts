import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const LIB = join(__dirname, '../../../lib');

/** A value that a consumer can give: a prop of an exported interface, or a parameter of a public method. */
export interface PublicProp {
  /** `Interface.prop`, or `Class.method.parameter` */
  readonly name: string;
  readonly type: string;
}

/** Reads every value that the constructs take from the declarations of `lib/`. */
export function publicProps(): readonly PublicProp[] {
  const files = readdirSync(LIB).filter((file) => file.endsWith('.ts'));
  return files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(join(LIB, file), 'utf8'), ts.ScriptTarget.ES2024, true);
    return source.statements.filter(isExported).flatMap(propsOf);
  });
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function propsOf(statement: ts.Statement): readonly PublicProp[] {
  // `IShareVault` describes a vault's output, not its input
  if (ts.isInterfaceDeclaration(statement) && !/^I[A-Z]/.test(statement.name.text)) {
    return statement.members.filter(ts.isPropertySignature).map((prop) => named(statement.name.text, prop));
  }
  if (!ts.isClassDeclaration(statement)) return [];
  return statement.members
    .filter(ts.isMethodDeclaration)
    .filter(isPublic)
    .flatMap((method) =>
      method.parameters.map((parameter) => named(`${statement.name?.text}.${method.name.getText()}`, parameter)),
    );
}

function named(owner: string, prop: ts.PropertySignature | ts.ParameterDeclaration): PublicProp {
  return { name: `${owner}.${prop.name.getText()}`, type: prop.type?.getText() ?? 'unknown' };
}

function isPublic(method: ts.MethodDeclaration): boolean {
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword];
  return !method.name.getText().startsWith('_') && !method.modifiers?.some(({ kind }) => hidden.includes(kind));
}
