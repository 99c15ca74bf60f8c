import type { NodeId } from '../../kernel/index.ts';
import type { FileStatement } from '../records.ts';

/** Up to so many statements are searched one after the other; more are found by their key. */
const FEW = 8;

/** What is said of one name, the latest last. Of most names there is one statement, or a few: those cost no map of their own. */
export type NameStatements = FileStatement | readonly FileStatement[] | Map<string, FileStatement>;

/** All of them. */
export function allOf(said: NameStatements | undefined): Iterable<FileStatement> {
  if (said === undefined) return [];
  if (said instanceof Map) return said.values();
  return isList(said) ? said : [said];
}

/** What an origin says of a user's file. */
export function find(said: NameStatements | undefined, origin: NodeId, user: string): FileStatement | undefined {
  if (said instanceof Map) return said.get(keyOf(origin, user));
  for (const statement of allOf(said)) if (isAbout(statement, origin, user)) return statement;
  return undefined;
}

/** With a statement that is not among them yet. */
export function withStatement(said: NameStatements | undefined, statement: FileStatement): NameStatements {
  if (said === undefined) return statement;
  if (said instanceof Map) return said.set(keyOf(statement.origin, statement.record.user), statement);
  const all = [...allOf(said), statement];
  return all.length <= FEW ? all : new Map(all.map((each) => [keyOf(each.origin, each.record.user), each]));
}

/** Without a statement; nothing where it was the only one. */
export function withoutStatement(said: NameStatements, statement: FileStatement): NameStatements | undefined {
  if (said instanceof Map) {
    said.delete(keyOf(statement.origin, statement.record.user));
    return said.size === 0 ? undefined : said;
  }
  const rest = [...allOf(said)].filter((each) => each !== statement);
  return rest.length > 1 ? rest : rest[0];
}

function isList(said: FileStatement | readonly FileStatement[]): said is readonly FileStatement[] {
  return Array.isArray(said);
}

function isAbout({ origin, record }: FileStatement, by: NodeId, user: string): boolean {
  return origin === by && record.user === user;
}

/** A user's label holds no '/', and an id none either: no two pairs share a key. */
function keyOf(origin: NodeId, user: string): string {
  return `${origin}/${user}`;
}
