import { userInfo } from 'node:os';
import yargs, { type Argv } from 'yargs';
import { KernelError, LOG_LEVELS, toError } from '../kernel/index.ts';
import { isWildcard, splitAddress } from '../kit/index.ts';
import { addBench, type BenchInvocation } from './bench-arguments.ts';
import { COMMANDS, commandLine, parseCommand } from './command.ts';
import type { ConformOptions } from './conform.ts';
import { formatTable } from './format.ts';
import { addSim, type SimInvocation } from './sim-arguments.ts';
import type { StartOptions } from './start.ts';

/** What the command line asks the program to do. */
export type Invocation =
  | ({ readonly command: 'start' } & StartOptions)
  | { readonly command: 'ctl'; readonly directory: string; readonly line: string; readonly json: boolean }
  | { readonly command: 'profiles' | 'plugins'; readonly config: string | undefined; readonly json: boolean }
  | {
      readonly command: 'config';
      readonly config: string | undefined;
      readonly profile: string | undefined;
      readonly json: boolean;
    }
  | ({ readonly command: 'conform' } & ConformOptions)
  | BenchInvocation
  | SimInvocation
  | { readonly command: 'keygen' | 'demo' }
  /** `--help` or `--version`: only this text is wanted. */
  | { readonly command: 'text'; readonly text: string };

/**
 * Reads the words after the program's name.
 *
 * @throws ERR_USAGE in one line that says what is wrong.
 */
export async function parseArguments(words: readonly string[], version: string): Promise<Invocation> {
  let invocation: Invocation | undefined;
  const parser = makeParser(version, (found) => (invocation = found));
  let text = '';
  try {
    await parser.parseAsync(separateCommand(words), {}, (_error, _parsed, output) => void (text = output));
  } catch (error) {
    throw wrongUsage(words, toError(error));
  }
  if (invocation !== undefined) return invocation;
  return { command: 'text', text: `${text}\n` };
}

type Accept = (invocation: Invocation) => void;

const NAMES: readonly string[] = [
  'start',
  'ctl',
  'profiles',
  'plugins',
  'config',
  'conform',
  'bench',
  'sim',
  'keygen',
  'demo',
];

/**
 * Words of `ctl` in which what follows the command is its argument, even where it looks like a flag: `ctl folder GET -x`. The
 * program's own flags are still known there; `--` ends them.
 */
function separateCommand(words: readonly string[]): string[] {
  if (words[0] !== 'ctl') return [...words];
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const isFlag = (word: string, index: number) => index < end && ['--json', '--help', '--version'].includes(word);
  const flags = words.filter((word, index) => isFlag(word, index));
  const [ctl = '', directory, command, ...argument] = words.filter(
    (word, index) => !isFlag(word, index) && index !== end,
  );
  const known = [directory, command].filter((word) => word !== undefined);
  return [ctl, ...flags, ...known, '--', ...argument];
}

/** What commands with several or other words than a folder are given. */
const USAGES: Readonly<Record<string, string>> = {
  ctl: 'ctl <directory> COMMAND…',
  conform: 'conform <file>',
  bench: 'bench <name>',
  sim: 'sim <scenario>',
};

/** What yargs says, in one line, in the words of this program, and with where to read on. */
function wrongUsage(words: readonly string[], error: Error): KernelError {
  const name = NAMES.find((each) => each === words[0]);
  const help = name === undefined ? 'peerhold --help' : `peerhold ${name} --help`;
  let problem = error.message.replace(/\s*\n\s*/g, ' ');
  if (problem.startsWith('Not enough non-option arguments')) {
    problem = `expected peerhold ${USAGES[name ?? ''] ?? 'start <directory>'}`;
  } else if (name === undefined && problem.startsWith('Unknown argument')) {
    problem += `; the first word is one of ${NAMES.join(', ')}, or a folder`;
  }
  return new KernelError('ERR_USAGE', `${problem} (${help})`, { cause: error });
}

function makeParser(version: string, accept: Accept): Argv {
  const parser = yargs()
    .scriptName('peerhold')
    .locale('en')
    .version(version)
    .help()
    .strict()
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail(false)
    .wrap(110)
    .parserConfiguration({
      'greedy-arrays': false,
      'boolean-negation': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
    })
    .usage('$0 <command>\n\nPeer-to-peer cloud storage: every node shares one folder, with no server.')
    .epilogue('Exit codes: 0 done, 1 failed (the message begins with a code, see docs/errors.md), 2 wrong usage.');
  addStart(parser, accept);
  addControl(parser, accept);
  addDescriptions(parser, accept);
  parser.command(
    'conform <file>',
    'try a plugin of your own: run the compliance suite of its kind, within two minutes',
    (command) =>
      command
        .positional('file', { type: 'string', demandOption: true, describe: 'a file (.ts, .js) that exports plugins' })
        .options({ json: { type: 'boolean', default: false, describe: 'print JSON' } })
        .check(eachOnce)
        .example('$0 conform ./my-transport.ts', 'what holds, what does not and why; exit code 1 where anything fails'),
    ({ file, json }) => accept({ command: 'conform', file, json }),
  );
  addBench(parser, accept, eachOnce);
  addSim(parser, accept, eachOnce);
  parser.command(
    'keygen',
    'print a new shared key; nodes with the same key form a network',
    (command) => command.example('$0 keygen > team.key', 'make a key file for --key-file'),
    () => accept({ command: 'keygen' }),
  );
  parser.command(
    'demo',
    'show three nodes at work on this machine, in temporary folders, within a minute',
    (command) => command.example('$0 demo', 'ADD, GET, SEND, a lost node, and what the others do about it'),
    () => accept({ command: 'demo' }),
  );
  return parser;
}

function addStart(parser: Argv, accept: Accept): void {
  for (const [name, about, makeFolder] of [
    ['start <directory>', 'run a node that shares a folder, made where it is missing', true],
    ['$0 <directory>', 'the same, for a folder that exists', false],
  ] as const) {
    parser.command(name, about, startOptions, (parsed) =>
      accept({
        command: 'start',
        directory: parsed.directory,
        makeFolder,
        profile: parsed.profile,
        config: parsed.config,
        listen: parsed.listen,
        advertise: checkAdvertised(parsed.advertise),
        add: parsed.add,
        keyFile: parsed['key-file'],
        user: checkUser(parsed.user ?? loginName()),
        logLevel: parsed['log-level'],
        logFile: parsed['log-file'],
        json: parsed.json,
        exitOnEof: parsed['exit-on-eof'],
      }),
    );
  }
}

function startOptions(command: Argv) {
  return command
    .positional('directory', { type: 'string', demandOption: true, describe: 'the folder to share' })
    .options({
      profile: { ...text, describe: "how the node works; 'peerhold profiles' lists them" },
      config: { ...text, describe: 'a config file of your own (.ts, .js) instead of the shipped one' },
      listen: {
        ...text,
        default: '127.0.0.1:0',
        describe: 'where to listen; 0.0.0.0:PORT to be reached from elsewhere',
      },
      advertise: { ...text, describe: 'the address that others are told, where it differs from --listen' },
      add: {
        type: 'string',
        array: true,
        requiresArg: true,
        default: [] as string[],
        describe: 'connect to this address at once (repeatable)',
      },
      'key-file': { ...text, describe: "file with the shared key (else PEERHOLD_KEY, else the user's own)" },
      user: { ...text, describe: 'label on your files (default: the login name)' },
      'log-level': { ...text, choices: LOG_LEVELS, describe: 'how much to log' },
      'log-file': { ...text, describe: 'log here instead of to standard error' },
      json: { type: 'boolean', default: false, describe: 'answer with one JSON object a line' },
      'exit-on-eof': { type: 'boolean', default: false, describe: 'BYE when standard input ends' },
    })
    .check(eachOnce)
    .example('$0 start ./shared', 'share ./shared with nodes of this machine')
    .example('$0 start ./shared --listen 0.0.0.0:4700 --add 192.168.1.7:4700', 'join the network of another machine')
    .epilogue(`Commands, one a line:\n${formatTable(COMMANDS.map(({ usage, about }) => [`  ${usage}`, about]))}`);
}

function addControl(parser: Argv, accept: Accept): void {
  parser.command(
    'ctl <directory> <words..>',
    'give a command to the running node of a folder',
    (command) =>
      command
        .positional('directory', { type: 'string', demandOption: true, describe: 'the folder the node shares' })
        .positional('words', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'a command and its argument',
        })
        .options({ json: { type: 'boolean', default: false, describe: 'print the JSON line of the answer' } })
        .check(eachOnce)
        .example('$0 ctl ./shared LIST', 'all files of the network')
        .example("$0 ctl ./shared GET 'holiday pictures.zip'", 'fetch a file into ./shared')
        .example('$0 ctl ./shared BYE', 'end the node'),
    ({ directory, words, json, _: [, ...afterDashes] }) => {
      const line = commandLine([...words, ...afterDashes.map(String)]);
      parseCommand(line);
      accept({ command: 'ctl', directory, line, json });
    },
  );
}

function addDescriptions(parser: Argv, accept: Accept): void {
  const options = {
    config: { ...text, describe: 'a config file of your own instead of the shipped one' },
    json: { type: 'boolean', default: false, describe: 'print JSON' },
  } as const;
  parser.command(
    'profiles',
    'list the profiles: ways for a node to work',
    (command) =>
      command.options(options).check(eachOnce).example('$0 profiles', 'names, plugins, and whom they are for'),
    ({ config, json }) => accept({ command: 'profiles', config, json }),
  );
  parser.command(
    'plugins',
    'list the plugins: kind, name, what it is for, options',
    (command) =>
      command.options(options).check(eachOnce).example('$0 plugins --json', 'with the schema of every option'),
    ({ config, json }) => accept({ command: 'plugins', config, json }),
  );
  parser.command(
    'config',
    'print a profile with everything inherited and every default in place',
    (command) =>
      command
        .options({ profile: { ...text, describe: 'the profile (default: the one of the config)' }, ...options })
        .check(eachOnce)
        .example('$0 config --profile inorder', 'plugins, their options, and settings'),
    ({ config, profile, json }) => accept({ command: 'config', config, profile, json }),
  );
}

const text = { type: 'string', requiresArg: true } as const;

/** Yargs makes an array of an option given twice. */
function eachOnce(parsed: Readonly<Record<string, unknown>>): true {
  for (const [name, value] of Object.entries(parsed)) {
    if (Array.isArray(value) && !['_', '--', 'add', 'words'].includes(name))
      throw new Error(`--${name} was given more than once`);
    if (value === '') throw new Error(name === 'directory' ? 'the name of the folder is empty' : `--${name} is empty`);
  }
  return true;
}

/** What can be told of an address before a transport parses it: whether others could dial it. */
function checkAdvertised(address: string | undefined): string | undefined {
  const { ip, port } = splitAddress(address ?? '');
  // An address of another form comes back whole.
  if (ip === (address ?? '') || (port !== 0 && !isWildcard(ip))) return address;
  throw new Error(`--advertise takes an address and port that others can dial, got ${JSON.stringify(address)}`);
}

function checkUser(user: string): string {
  if (/^[A-Za-z0-9._-]{1,32}$/.test(user)) return user;
  throw new Error(`--user takes 1 to 32 letters, digits, dots, dashes or underscores, got ${JSON.stringify(user)}`);
}

/** The login name, with what a label cannot hold replaced. */
function loginName(): string {
  try {
    return (
      userInfo()
        .username.replace(/[^A-Za-z0-9._-]/g, '-')
        .slice(0, 32) || 'user'
    );
  } catch {
    // A user id without an entry in the system's list, as containers have.
    return 'user';
  }
}
