import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { KernelError, toError, type Clock } from '../../src/kernel/index.ts';
import { withDeadline } from '../../src/kit/index.ts';
import { nameOf } from '../../src/sim/scenario/topology.ts';
import type { ChaosNetwork, Host } from './chaos-network.ts';

export interface EmulatedStarOptions {
  /** The emulator: a program that keeps the contract in docs/chaos.md. */
  readonly file: string;
  /** Nodes; the stranger is one host more. */
  readonly nodes: number;
  /** The same seed gives packets the same fate. */
  readonly seed: number;
  readonly clock: Clock;
  /** Whether this process may make network namespaces. */
  readonly isRoot: boolean;
}

/** What every link does: a good line from house to house, so that what goes wrong goes wrong by what happens on purpose. */
const LINKS = ['--rate', '50mbit', '--delay', '5ms', '--jitter', '1ms', '--loss', '0.5%', '--queue', '262144b'];
const NEEDS =
  'emulated links need root on Linux, with network namespaces (`ip netns`) and what the emulator wants besides, and an executable file that ' +
  'keeps the contract in docs/chaos.md; without --emulator everything runs on loopback';
/** Making the links, taking them down and changing them take no longer. */
const PATIENCE_MS = 20_000;
/** Of what the emulator writes to standard error so many characters are kept for the message when it fails. */
const KEPT_OUTPUT = 2_000;

/** Network namespaces in a star of links that an emulator keeps up until this is closed, or this process ends. */
export class EmulatedStar implements ChaosNetwork {
  readonly about: string;
  readonly #options: EmulatedStarOptions;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  /** Namespace and address of each host. */
  #hosts: readonly (readonly [string, string])[] = [];
  #socket = '';
  #output = '';
  #hasEnded = false;

  private constructor(options: EmulatedStarOptions) {
    const { file, nodes, seed } = options;
    this.#options = options;
    this.about = `links emulated by ${file}`;
    const hosts = nodes + 1;
    const words = ['star', `chaos${process.pid}`, '--hosts', String(hosts), ...LINKS, '--seed', String(seed)];
    this.#child = spawn(file, [...words, '--exec', tellAndWait(hosts)], { stdio: ['pipe', 'pipe', 'pipe'] });
    const { stdin, stdout, stderr } = this.#child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('the emulator was given no pipes');
    stdin.on('error', () => undefined); // An emulator that is gone is noticed by its end.
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    });
    this.#lines = createInterface({ input: stdout });
    this.#child.on('error', (error) => {
      this.#output += error.message;
      this.#hasEnded ||= this.#child.pid === undefined;
    });
    this.#child.on('close', () => (this.#hasEnded = true));
  }

  /** Makes the links. Rejects with ERR_EMULATOR, what is missing and what is needed, and leaves nothing behind. */
  static async open(options: EmulatedStarOptions): Promise<EmulatedStar> {
    if (!options.isRoot) throw unusable('this is not root');
    await access(options.file, constants.X_OK).catch((cause: unknown) => {
      throw unusable(`${options.file} is not there, or is not executable`, cause);
    });
    const star = new EmulatedStar(options);
    try {
      await star.#within('the links did not come up', () => star.#comeUp());
      return star;
    } catch (error) {
      await star.close();
      throw unusable(star.#said(toError(error).message), error);
    }
  }

  get strangerLauncher(): readonly string[] {
    return launcherIn(this.#at(this.#options.nodes)[0]);
  }

  host(name: string): Host {
    const [namespace, address] = this.#at(this.#number(name));
    return { launcher: launcherIn(namespace), flags: ['--listen', `${address}:0`], exposed: (told) => told };
  }

  async cut(a: string, b: string): Promise<void> {
    await this.#order(...this.#directions(a, b).map((direction) => `cut ${direction}`));
  }

  async mend(a: string, b: string): Promise<void> {
    await this.#order(...this.#directions(a, b).map((direction) => `heal ${direction}`));
  }

  async mendAll(): Promise<void> {
    await this.#order('heal');
  }

  /** Lets go of the emulator, which then cleans up; one that hangs is told to, and at last ended. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    // What it says at the end nobody reads, and it is not gone before it was taken.
    this.#child.stdout?.resume();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await this.#endsWithin(PATIENCE_MS)) return;
      this.#child.kill(signal);
    }
  }

  async #comeUp(): Promise<void> {
    const told: string[] = [];
    for await (const line of this.#lines) {
      told.push(line);
      if (told.length <= this.#options.nodes + 1) continue;
      this.#socket = told.pop() ?? '';
      this.#hosts = told.map((each): [string, string] => {
        const [namespace = '', address = ''] = each.split(' ');
        return [namespace, address];
      });
      return;
    }
    throw new Error('it ended before the links were up');
  }

  async #order(...lines: readonly string[]): Promise<void> {
    const answers = await this.#within(`no answer to ${lines.join(', ')}`, () => this.#ask(lines));
    if (answers.every((answer) => answer === 'ok')) return;
    throw new KernelError('ERR_EMULATOR', this.#said(`${lines.join(', ')}: ${answers.join(', ')}`));
  }

  async #ask(lines: readonly string[]): Promise<string[]> {
    const socket = connect(this.#socket);
    try {
      await once(socket, 'connect');
      socket.write(lines.map((line) => `${line}\n`).join(''));
      const answers: string[] = [];
      for await (const line of createInterface({ input: socket })) {
        answers.push(line);
        if (answers.length === lines.length) break;
      }
      return answers;
    } finally {
      socket.destroy();
    }
  }

  #directions(a: string, b: string): [string, string] {
    const [first, second] = [this.#number(a), this.#number(b)];
    return [`${first}>${second}`, `${second}>${first}`];
  }

  /** Hosts are counted from 0, nodes from 1. */
  #number(name: string): number {
    const number = Array.from({ length: this.#options.nodes }, (_, index) => nameOf(index + 1)).indexOf(name);
    if (number === -1) throw new RangeError(`there is no ${name} here`);
    return number;
  }

  #at(number: number): readonly [string, string] {
    const found = this.#hosts[number];
    if (found === undefined) throw new RangeError(`there is no host ${number} here`);
    return found;
  }

  async #endsWithin(ms: number): Promise<boolean> {
    if (this.#hasEnded) return true;
    const late = () => new Error('late');
    return withDeadline(this.#options.clock, ms, late, undefined, () => once(this.#child, 'close')).then(
      () => true,
      () => false,
    );
  }

  #within<T>(what: string, work: () => Promise<T>): Promise<T> {
    const late = () => new KernelError('ERR_EMULATOR', this.#said(`${what} within ${PATIENCE_MS / 1_000} s`));
    return withDeadline(this.#options.clock, PATIENCE_MS, late, undefined, work);
  }

  #said(problem: string): string {
    const said = this.#output.trim().split('\n').at(-1) ?? '';
    return `the emulator ${this.#options.file}: ${problem}${said === '' ? '' : `; it said: ${said}`}`;
  }
}

/** Tells namespace and address of each host and then the control socket, a line each, and lasts until whoever asked lets go. */
function tellAndWait(hosts: number): string {
  const tell = Array.from({ length: hosts }, (_, host) => `echo "$LINKEM_NS_${host} $LINKEM_${host}"`);
  return [...tell, 'echo "$LINKEM_SOCK"', 'exec cat >/dev/null'].join('; ');
}

function launcherIn(namespace: string): string[] {
  return ['ip', 'netns', 'exec', namespace];
}

function unusable(problem: string, cause?: unknown): KernelError {
  return new KernelError('ERR_EMULATOR', `${problem}; ${NEEDS}`, { cause });
}
