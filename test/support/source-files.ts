import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', 'api', '.git']);

/** Paths, from the root of the project, of all files below a folder of it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

export interface SourceImport {
  readonly file: string;
  /** As written; `undefined` where it is not a literal. */
  readonly specifier: string | undefined;
  /** From the root of the project; `undefined` for a package. */
  readonly target: string | undefined;
}

/** Every import of a file's text: static, dynamic, of types, `require`, and re-exports. */
export function importsIn(file: string, text: string): SourceImport[] {
  const found: SourceImport[] = [];
  const add = (node: ts.Node | undefined) => {
    const specifier = node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
    const target =
      specifier?.startsWith('.') === true ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : undefined;
    found.push({ file, specifier, target });
  };
  visitAll(parse(file, text), (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) add(node.moduleSpecifier);
    else if (ts.isImportTypeNode(node)) add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isCallExpression(node) && isImportOrRequire(node.expression)) add(node.arguments[0]);
  });
  return found;
}

function isImportOrRequire(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
}

/** The syntax tree of a file's text. */
export function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

export function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => visitAll(child, visit));
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

export function isThere(file: string): boolean {
  return existsSync(join(ROOT, file));
}
