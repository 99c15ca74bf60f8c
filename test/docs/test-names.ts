import ts from 'typescript';
import { parse, textOf, visitAll } from '../support/source-files.ts';

/** Functions whose first argument names a test: jest's, and those that make a case of a compliance suite. */
const NAMING = new Set(['test', 'transportCase', 'authenticatedCase']);

/** The names of a file's tests as written there, with the placeholders of `test.each` and of templates; compliance cases are tests. */
export function testNamesIn(file: string): string[] {
  const isCompliance = file.startsWith('src/compliance/');
  const names: string[] = [];
  const add = (name: ts.Expression | undefined) => {
    if (name !== undefined && ts.isStringLiteralLike(name)) names.push(name.text);
    else if (name !== undefined && ts.isTemplateExpression(name)) names.push(name.getText().slice(1, -1));
  };
  visitAll(parse(file, textOf(file)), (node) => {
    if (ts.isCallExpression(node) && NAMING.has(calleeName(node.expression))) add(node.arguments[0]);
    else if (isCompliance && ts.isPropertyAssignment(node) && node.name.getText() === 'name') add(node.initializer);
  });
  return names;
}

/** `test` for `test(…)` and for `test.each(…)(…)`. */
function calleeName(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text;
  if (!ts.isCallExpression(callee) || !ts.isPropertyAccessExpression(callee.expression)) return '';
  return callee.expression.name.text === 'each' ? calleeName(callee.expression.expression) : '';
}
