import { COMMANDS, quoteArgument } from './command.ts';
import type { CommandNode } from './execute-command.ts';

/** More completions than a screen shows help nobody. */
const MAX_COMPLETIONS = 200;

/** What the line so far may become, as whole lines, and the part they replace: the command, then the file, version or address it takes. */
export async function complete(
  line: string,
  node: Pick<CommandNode, 'id' | 'list' | 'versions'>,
): Promise<[string[], string]> {
  const [, word = '', blank = '', argument = ''] = /^\s*(\S*)(\s*)(.*)$/s.exec(line) ?? [];
  if (blank === '') {
    const names = COMMANDS.map(({ name }) => name).filter((name) => name.startsWith(word.toUpperCase()));
    return [names.map((name) => `${name} `), line];
  }
  const candidates = await argumentsOf(word.toUpperCase(), node);
  const matching = [...new Set(candidates)].map(quoteArgument).filter((candidate) => candidate.startsWith(argument));
  return [matching.slice(0, MAX_COMPLETIONS).map((candidate) => `${word}${blank}${candidate}`), line];
}

async function argumentsOf(
  command: string,
  node: Pick<CommandNode, 'id' | 'list' | 'versions'>,
): Promise<readonly string[]> {
  switch (command) {
    case 'GET':
      return node.list().flatMap(({ name }) => [...foldersOf(name), name]);
    case 'PIECES':
    case 'SAFE':
      return node.list().map(({ name }) => name);
    case 'SEND':
      return node
        .list()
        .filter(({ holders }) => holders.includes(node.id))
        .map(({ name }) => name);
    case 'VERSIONS':
      return (await node.versions()).map(({ name }) => name);
    case 'RESTORE':
      return (await node.versions()).map(({ version }) => version);
    default:
      return [];
  }
}

/** The folders that a file lies in, as GET takes them. */
function foldersOf(name: string): string[] {
  return [...name.matchAll(/\//g)].map(({ index }) => name.slice(0, index + 1));
}
