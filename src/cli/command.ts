import { KernelError } from '../kernel/index.ts';
import { escapeForDisplay } from '../node/messages/display.ts';

/** What a line of input asks the node to do while it runs. */
export type NodeCommand =
  | { readonly type: 'ADD'; readonly address: string }
  | { readonly type: 'GET'; readonly file: string }
  | { readonly type: 'SEND'; readonly file: string }
  | { readonly type: 'PIECES'; readonly file: string }
  | { readonly type: 'SAFE'; readonly file: string | undefined }
  | { readonly type: 'VERSIONS'; readonly file: string | undefined }
  | { readonly type: 'RESTORE'; readonly version: string }
  | { readonly type: 'LIST' | 'PEERS' | 'STATUS' | 'CMDS' };

/** What a line of input can ask for. */
export type Command = NodeCommand | { readonly type: 'BYE' };

/** A command as CMDS and the help show it. */
export interface CommandDescription {
  readonly name: Command['type'];
  /** The name and its argument; an argument in brackets may be left out. */
  readonly usage: string;
  readonly about: string;
}

/** Every command, in the order they are shown. */
export const COMMANDS: readonly CommandDescription[] = [
  { name: 'ADD', usage: 'ADD <address>', about: 'connect to the node at an address, and through it to its network' },
  { name: 'LIST', usage: 'LIST', about: 'all files of the network, whoever holds them' },
  {
    name: 'GET',
    usage: 'GET <file>',
    about:
      "fetch the most recent version of a file; <file>@<user> for one user's; a folder or pattern (photos/, *.txt) for all in it",
  },
  { name: 'SEND', usage: 'SEND <file>', about: 'give a file of this folder to every node of the network' },
  { name: 'PIECES', usage: 'PIECES <file>', about: 'of what pieces a file is made, and who has how many of them' },
  {
    name: 'SAFE',
    usage: 'SAFE [file]',
    about: 'how many nodes show that they hold a file, or each file, and whether these are enough',
  },
  { name: 'PEERS', usage: 'PEERS', about: 'the other nodes, nearest first, with what their distance is made of' },
  { name: 'STATUS', usage: 'STATUS', about: 'what this node is and does' },
  { name: 'VERSIONS', usage: 'VERSIONS [file]', about: 'replaced versions that can be brought back' },
  { name: 'RESTORE', usage: 'RESTORE <version>', about: 'bring a replaced version back' },
  { name: 'CMDS', usage: 'CMDS', about: 'this list' },
  { name: 'BYE', usage: 'BYE', about: 'take leave of the network and end' },
];

/**
 * Reads one line: a command in upper or lower case, then, after blanks, its argument: the rest of the line without blanks around
 * it, or a JSON string where it starts and ends with a double quote.
 *
 * @throws ERR_USAGE saying what is expected instead.
 */
export function parseCommand(line: string): Command {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*([^]*?)\s*$/.exec(line) ?? [];
  if (word === '') throw new KernelError('ERR_USAGE', 'an empty line is no command; CMDS lists the commands');
  const description = COMMANDS.find(({ name }) => name === word.toUpperCase());
  if (description === undefined) {
    throw new KernelError('ERR_USAGE', `unknown command ${JSON.stringify(shorten(word))}; CMDS lists the commands`);
  }
  const argument = readArgument(rest);
  const required = (): string => {
    if (argument === undefined || argument === '')
      throw new KernelError('ERR_USAGE', `expected ${description.usage}, but nothing follows ${description.name}`);
    return argument;
  };
  switch (description.name) {
    case 'ADD':
      return { type: 'ADD', address: required() };
    case 'GET':
      return { type: 'GET', file: required() };
    case 'SEND':
      return { type: 'SEND', file: required() };
    case 'PIECES':
      return { type: 'PIECES', file: required() };
    case 'RESTORE':
      return { type: 'RESTORE', version: required() };
    case 'SAFE':
      return { type: 'SAFE', file: argument };
    case 'VERSIONS':
      return { type: 'VERSIONS', file: argument };
    default:
      if (argument !== undefined)
        throw new KernelError(
          'ERR_USAGE',
          `${description.name} takes no argument, got ${JSON.stringify(shorten(rest))}`,
        );
      return { type: description.name };
  }
}

/** The line for a command given as words, as on a shell's command line; an argument that a plain line could not carry is quoted. */
export function commandLine(words: readonly string[]): string {
  const [name = '', ...rest] = words;
  if (rest.length === 0) return name;
  const argument = rest.join(' ');
  return `${name} ${quoteArgument(argument)}`;
}

/**
 * The argument as it is shown and can be typed: itself, or a JSON string where it starts or ends with a blank, starts with a quote, or
 * holds characters that a terminal must not be given.
 */
export function quoteArgument(argument: string): string {
  const misleads = argument === '' || /^[\s"]|\s$/u.test(argument) || escapeForDisplay(argument) !== argument;
  return misleads ? JSON.stringify(argument).replace(/[^]/gu, escapeForJson) : argument;
}

/** What JSON itself leaves as it is, though it cannot be shown; all of it lies below U+10000. */
function escapeForJson(character: string): string {
  if (escapeForDisplay(character) === character) return character;
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

function readArgument(text: string): string | undefined {
  if (text === '') return undefined;
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch (cause) {
    throw new KernelError('ERR_USAGE', `an argument in double quotes is a JSON string, which ${shorten(text)} is not`, {
      cause,
    });
  }
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
