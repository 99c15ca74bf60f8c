import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KernelError, type Clock } from '../kernel/index.ts';
import { abortable, withDeadline } from '../kit/index.ts';
import { formatSharedKey, makeSharedKey } from '../node/identity/shared-key.ts';
import { formatBytes, formatRate, shortId } from './format.ts';
import { NodeProcess } from './node-process.ts';
import type { Program } from './program.ts';

const NAMES = ['a', 'b', 'c'] as const;
type Name = (typeof NAMES)[number];

const LARGE = 64 * 1024 * 1024;
const SMALL = 8 * 1024 * 1024;
const CHUNK = 1024 * 1024;
/** How often the demo looks whether something has come about, and how long it waits for it. */
const POLL_MS = 100;
const PATIENCE_MS = 25_000;

/**
 * Shows three nodes at work: real processes of this program, in temporary folders, on loopback, with a key of their own. Tells the story
 * line by line; rejects where anything is not as it should be. Whatever happens, processes and folders are gone at the end.
 */
export async function demo(program: Program): Promise<void> {
  const over = new AbortController();
  const stopListening = program.onInterrupt(() => over.abort(new KernelError('ERR_ABORTED', 'interrupted')));
  const root = await mkdtemp(join(tmpdir(), 'peerhold-demo-'));
  const story = new Story({ program, root, signal: over.signal });
  try {
    await abortable(story.tell(), over.signal);
  } finally {
    over.abort(new KernelError('ERR_ABORTED', 'the demo is over'));
    await story.end();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
    stopListening();
  }
}

interface StoryOptions {
  readonly program: Program;
  /** Holds the nodes' folders. */
  readonly root: string;
  /** Ends the story, and every process in it, whether it is ready or not yet. */
  readonly signal: AbortSignal;
}

class Story {
  readonly #program: Program;
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #began: number;
  readonly #nodes = new Map<Name, NodeProcess>();

  constructor({ program, root, signal }: StoryOptions) {
    this.#program = program;
    this.#root = root;
    this.#signal = signal;
    this.#clock = program.clock;
    this.#began = program.clock.now();
  }

  async tell(): Promise<void> {
    await this.#start();
    await this.#connect();
    await this.#get();
    await this.#send();
    await this.#loseTheMiddle();
    await this.#exchange();
    await this.#bye();
    this.#say(
      `Done in ${this.#elapsed().toFixed(1)} s: every file arrived whole, and the network outlived its middle.`,
    );
  }

  /** Kills what still runs. */
  async end(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.kill()));
  }

  async #start(): Promise<void> {
    this.#say('Starting three nodes, each a process with a folder of its own.');
    const key = formatSharedKey(makeSharedKey(this.#program.random));
    await Promise.all(
      NAMES.map(async (name) => {
        const folder = join(this.#root, name);
        await mkdir(folder);
        // Should this process be killed, their input ends, and with it they do.
        const flags = ['--user', name, '--exit-on-eof'];
        this.#nodes.set(
          name,
          await NodeProcess.start({ folder, key, clock: this.#clock, flags, signal: this.#signal }),
        );
      }),
    );
    for (const name of NAMES) {
      const { id, address, profile } = this.#node(name).ready;
      this.#detail(`${name} is ${shortId(id)} at ${address}, profile ${profile}`);
    }
  }

  async #connect(): Promise<void> {
    const [a, b, c] = this.#all();
    this.#say('ADD: a connects to b, and b to c, in a line.');
    const began = this.#clock.now();
    await a.expect('added', `ADD ${b.address}`);
    await b.expect('added', `ADD ${c.address}`);
    await this.#eventually('a and c know each other', async () => (await knows(a, c)) && (await knows(c, a)));
    this.#detail(`after ${this.#since(began)} all three know each other; a and c through b`);
  }

  async #get(): Promise<void> {
    const [a, , c] = this.#all();
    this.#say(`GET: a random file of ${formatBytes(LARGE)} appears in c; a fetches it.`);
    await this.#makeFile('c', 'large.bin', LARGE);
    await this.#eventually('a lists large.bin', () => lists(a, 'large.bin'));
    const received = await a.expect('received', 'GET large.bin');
    const rate = formatRate(received.size, received.seconds);
    this.#detail(
      `received ${formatBytes(received.size)} in ${received.seconds.toFixed(2)} s (${rate}) from ${names(received.sources)}`,
    );
    await this.#compare('large.bin', [c, a]);
  }

  async #send(): Promise<void> {
    const [a, b, c] = this.#all();
    this.#say(`SEND: another file, of ${formatBytes(SMALL)}, appears in b; b gives it to everybody.`);
    await this.#makeFile('b', 'for everybody.bin', SMALL);
    await this.#eventually('b lists its own file', () => lists(b, 'for everybody.bin'));
    const { to } = await b.expect('sent', 'SEND for everybody.bin');
    this.#detail(to.map(({ id, result }) => `${shortId(id)} ${result}`).join(', '));
    if (to.length !== 2 || to.some(({ result }) => result !== 'received' && result !== 'present'))
      throw unexpected('not every node received the file');
    await this.#compare('for everybody.bin', [b, a, c]);
  }

  async #loseTheMiddle(): Promise<void> {
    const [a, b, c] = this.#all();
    this.#say('The middle is lost: b is killed (SIGKILL), without a word of farewell.');
    const lost = b.id;
    await b.kill();
    this.#nodes.delete('b');
    const began = this.#clock.now();
    this.#detail('a and c notice by the silence: no heartbeat for 10 s');
    await this.#eventually('a and c are connected to each other', async () => {
      const peers = await Promise.all([a.expect('peers', 'PEERS'), c.expect('peers', 'PEERS')]);
      return peers.every(
        (each) => each.peers.every(({ id }) => id !== lost) && each.peers.some(({ direct }) => direct),
      );
    });
    this.#detail(`after ${this.#since(began)} both have forgotten b and healed: a and c are connected directly`);
  }

  async #exchange(): Promise<void> {
    const [a, c] = [this.#node('a'), this.#node('c')];
    this.#say('Life goes on: a file appears in a, and c fetches it.');
    await this.#makeFile('a', 'after the loss.bin', SMALL);
    await this.#eventually('c lists it', () => lists(c, 'after the loss.bin'));
    const { size, seconds } = await c.expect('received', 'GET "after the loss.bin"');
    this.#detail(`received ${formatBytes(size)} in ${seconds.toFixed(2)} s (${formatRate(size, seconds)})`);
    await this.#compare('after the loss.bin', [a, c]);
  }

  async #bye(): Promise<void> {
    const [a, c] = [this.#node('a'), this.#node('c')];
    this.#say('BYE: a takes its leave, then c.');
    const began = this.#clock.now();
    const farewell = c.waitFor('peer-left', ({ id }) => id === a.id).then(() => this.#since(began));
    await Promise.all([farewell, a.expect('closed', 'BYE')]);
    this.#detail(`c knew it after ${await farewell}, and a had ended after ${this.#since(began)}`);
    await c.expect('closed', 'BYE');
    for (const node of [a, c]) {
      const { code } = await node.ended;
      if (code !== 0) throw unexpected(`a node ended with exit code ${String(code)}: ${node.stderr}`);
    }
    this.#nodes.clear();
  }

  /** Computes the checksums here, from the files themselves, whatever the nodes say. */
  async #compare(file: string, nodes: readonly NodeProcess[]): Promise<void> {
    const checksums = await Promise.all(nodes.map(({ folder }) => sha256(join(folder, file))));
    if (new Set(checksums).size !== 1) throw unexpected(`${file} differs: ${checksums.join(', ')}`);
    const { size } = await stat(join(nodes[0]?.folder ?? '', file));
    this.#detail(
      `SHA-256 of ${file} (${formatBytes(size)}) is the same in ${nodes.length} folders: ${checksums[0] ?? ''}`,
    );
  }

  async #makeFile(owner: Name, file: string, size: number): Promise<void> {
    const handle = await open(join(this.#node(owner).folder, file), 'wx');
    try {
      for (let written = 0; written < size; written += CHUNK) await handle.write(this.#program.random.bytes(CHUNK));
    } finally {
      await handle.close();
    }
  }

  async #eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
    const late = () => unexpected(`it did not come about that ${what}`);
    await withDeadline(this.#clock, PATIENCE_MS, late, this.#signal, async (signal) => {
      while (!signal.aborted && !(await holds())) {
        await new Promise<void>((resolve) => this.#clock.setTimer(POLL_MS, resolve));
      }
    });
  }

  #all(): [NodeProcess, NodeProcess, NodeProcess] {
    return [this.#node('a'), this.#node('b'), this.#node('c')];
  }

  #node(name: Name): NodeProcess {
    const node = this.#nodes.get(name);
    if (node === undefined) throw unexpected(`node ${name} does not run`);
    return node;
  }

  #elapsed(): number {
    return (this.#clock.now() - this.#began) / 1000;
  }

  #since(began: number): string {
    return `${((this.#clock.now() - began) / 1000).toFixed(2)} s`;
  }

  #say(line: string): void {
    this.#program.stdout.write(`[${this.#elapsed().toFixed(1).padStart(5)} s] ${line}\n`);
  }

  #detail(line: string): void {
    this.#program.stdout.write(`${' '.repeat(10)} ${line}\n`);
  }
}

async function knows(node: NodeProcess, other: NodeProcess): Promise<boolean> {
  const { peers } = await node.expect('peers', 'PEERS');
  return peers.some(({ id }) => id === other.id);
}

async function lists(node: NodeProcess, file: string): Promise<boolean> {
  const { files } = await node.expect('listed', 'LIST');
  return files.some(({ name, holders }) => name === file && holders.length > 0);
}

function names(sources: Readonly<Record<string, number>>): string {
  return Object.keys(sources).map(shortId).join(', ');
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function unexpected(message: string): KernelError {
  return new KernelError('ERR_INTERNAL', message);
}
