import { resolve } from 'node:path';
import { toError, type LogLevel, type NodeWorld, type TextOutput } from '../kernel/index.ts';
import { createNode } from '../node/index.ts';
import { ControlSocket } from './control-socket.ts';
import { errorEvent } from './events.ts';
import { LineSession } from './line-session.ts';
import { loadConfig, selectProfile } from './load-config.ts';
import { openFolder, openWorld } from './open-world.ts';
import { SwitchedOutput, openLogFile } from './output.ts';
import { presentJson } from './present-json.ts';
import { presentText } from './present-text.ts';
import type { Program } from './program.ts';
import { Prompt } from './prompt.ts';
import { reachableAddresses } from './reachable-addresses.ts';
import { RunningNode } from './running-node.ts';
import { findSharedKey } from './shared-key-file.ts';

export interface StartOptions {
  readonly directory: string;
  /** Whether a missing folder is made. */
  readonly makeFolder: boolean;
  readonly profile: string | undefined;
  readonly config: string | undefined;
  readonly listen: string;
  readonly advertise: string | undefined;
  /** Addresses to connect to at once. */
  readonly add: readonly string[];
  readonly keyFile: string | undefined;
  readonly user: string;
  readonly logLevel: LogLevel | undefined;
  readonly logFile: string | undefined;
  readonly json: boolean;
  readonly exitOnEof: boolean;
}

/** What was opened, to be closed in reverse. */
type Closers = (() => Promise<void>)[];

/** A start that takes longer says why. Hashing is not waited for so long. */
const SLOW_START_MS = 4_000;

/** Exit code of a process that an interrupt ended. */
const INTERRUPTED = 130;

/** Runs a node until it leaves: by BYE, by a signal, or at the end of its input where that was asked for. */
export async function start(options: StartOptions, program: Program): Promise<void> {
  const closers: Closers = [];
  try {
    await run(options, program, closers);
  } catch (error) {
    if (options.json) program.stdout.write(presentJson(errorEvent(error)));
    throw error;
  } finally {
    await closeAll(closers);
  }
}

/** Closes everything, the last opened first, also where something fails to close; then rejects with the first failure. */
async function closeAll(closers: Closers): Promise<void> {
  const failures: Error[] = [];
  for (const close of closers.reverse()) await close().catch((error: unknown) => failures.push(toError(error)));
  const [first] = failures;
  if (first !== undefined) throw first;
}

async function run(options: StartOptions, program: Program, closers: Closers): Promise<void> {
  const log = new SwitchedOutput(program.stderr);
  const running = await startNode(options, { program, log, closers });
  const left = new Promise<void>((done) => running.leaving.addEventListener('abort', () => done(running.leave())));
  const interrupt = () => {
    if (running.leaving.aborted) program.exit(INTERRUPTED);
    // Its outcome is awaited as `left`.
    running.leave().catch(() => undefined);
  };
  const ignoreInterrupts = program.onInterrupt(interrupt);
  closers.push(async () => ignoreInterrupts());
  openFrontEnd(options, { program, log, closers, running, interrupt });
  tellOfStart(running, log);
  for (const address of options.add) void addFromStart(running, address); // Settles always.
  await left;
}

/** Says what a person may wonder about after `ready`, which is for programs too. */
function tellOfStart({ node }: RunningNode, log: TextOutput): void {
  const addresses = reachableAddresses(node.address, node.addressForm);
  if (addresses.length > 0) log.write(`peerhold: other machines reach this node at ${addresses.join(' or ')}\n`);
  const { hashing } = node.status();
  const files = hashing === 1 ? 'a new file is' : `${hashing} new files are`;
  if (hashing > 0) log.write(`peerhold: ${files} being hashed, and listed when that is done; STATUS counts them\n`);
}

interface Opening {
  readonly program: Program;
  readonly log: SwitchedOutput;
  readonly closers: Closers;
}

async function startNode(options: StartOptions, { program, log, closers }: Opening): Promise<RunningNode> {
  const { environment, clock, random } = program;
  const notice = (line: string) => program.stderr.write(`peerhold: ${line}\n`);
  const loaded = options.config === undefined ? program.shippedConfig : await loadConfig(options.config);
  const profile = selectProfile(loaded, options.profile);
  const folder = await openFolder(options.directory, { make: options.makeFolder });
  if (folder.made) notice(`made the folder ${folder.path}`);
  const sharedKey = await findSharedKey({ keyFile: options.keyFile, environment, random, notice });

  const stderr = await openLog(options.logFile, log);
  const logLevel = options.logLevel ?? (isForEvents(options, program) ? 'error' : undefined);
  const opened = await openWorld(folder.path, { clock, random, environment, stderr, logLevel });
  closers.push(() => opened.close());
  if (opened.indexCondition !== 'sound') notice(`the index was damaged and has been ${opened.indexCondition}`);
  const world: NodeWorld = opened.world;
  const { listen, advertise, user } = options;
  const slow = clock.setTimer(SLOW_START_MS, () =>
    notice(`still looking through ${folder.path}; the node is ready when it knows what is there`),
  );
  const node = await createNode({
    profile,
    world,
    sharedKey,
    user,
    listen,
    ...(advertise === undefined ? {} : { advertise }),
  }).finally(() => slow.cancel());
  closers.push(() => node.close());
  const running = new RunningNode(node);
  try {
    const control = await ControlSocket.open({ running, folder: folder.path, environment });
    closers.push(() => control.close());
  } catch (error) {
    notice(`peerhold ctl will not reach this node: ${toError(error).message}`);
  }
  return running;
}

function isInteractive({ json }: StartOptions, { stdin, stdout }: Program): boolean {
  return !json && stdin.isTTY === true && stdout.isTerminal;
}

/** Whether a person at a prompt reads, who is told of everything by events, and has not asked for a log. */
function isForEvents(options: StartOptions, program: Program): boolean {
  return isInteractive(options, program) && options.logFile === undefined && options.config === undefined;
}

async function openLog(logFile: string | undefined, otherwise: TextOutput): Promise<TextOutput> {
  return logFile === undefined ? otherwise : openLogFile(resolve(logFile));
}

interface FrontEndOpening extends Opening {
  readonly running: RunningNode;
  readonly interrupt: () => void;
}

/** Reads commands: at a terminal with a prompt, else one a line. */
function openFrontEnd(options: StartOptions, { program, log, closers, running, interrupt }: FrontEndOpening): void {
  const { stdin, stdout, clock } = program;
  if (isInteractive(options, program)) {
    const prompt = new Prompt({ running, clock, input: stdin, output: stdout.stream, interrupt });
    log.redirect((text) => prompt.print(text));
    closers.push(async () => {
      await prompt.close();
      log.redirect(undefined);
    });
    return;
  }
  const present = options.json ? presentJson : presentLine;
  const session = new LineSession({
    running,
    input: stdin,
    write: (event) => stdout.write(present(event)),
    patient: !options.json,
    skipEmpty: !options.json,
  });
  closers.push(() => session.close());
  // At the end of the input the node goes on, unless told otherwise; `run` settles always, and leaving is awaited as `left`.
  void session.run().then(() => (options.exitOnEof ? running.leave().catch(() => undefined) : undefined));
}

function presentLine(event: Parameters<typeof presentText>[0]): string {
  return `${presentText(event)}\n`;
}

/** Connects to an address of the command line; nobody asked by a command, so a failure is a warning. */
async function addFromStart(running: RunningNode, address: string): Promise<void> {
  try {
    await running.node.add(address, { signal: running.leaving });
  } catch (error) {
    const { code, message } = errorEvent(error);
    if (!running.leaving.aborted) running.announce({ event: 'warning', code, message });
  }
}
