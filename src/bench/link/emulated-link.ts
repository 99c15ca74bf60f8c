import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { KernelError, toError, type Clock } from '../../kernel/index.ts';
import { AsyncQueue, sleep, withDeadline } from '../../kit/index.ts';
import { parseHonesty, type Honesty } from './honesty.ts';
import type { LinkShape } from './plan.ts';

/** One end of a link. */
export interface LinkEnd {
  /** The network namespace of its processes; empty for the one that this process is in. */
  readonly namespace: string;
  /** Its address on the link. */
  readonly address: string;
}

export interface EmulatedLinkOptions {
  /** The emulator: a program that fulfils the contract in docs/benchmarks.md. */
  readonly file: string;
  /** Unlike that of any other link of this machine. */
  readonly name: string;
  readonly shape: LinkShape;
  /** The same seed gives packets the same fate. */
  readonly seed: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Making a link, and taking it down, take no longer. */
const PATIENCE_MS = 20_000;
/** Of what the emulator writes to standard error this many characters are kept for the message when it ends. */
const KEPT_OUTPUT = 2_000;

/** Tells the ends as the emulator named them, and lasts until whoever asked lets go, be it by its own end. */
const TELL_AND_WAIT =
  'printf \'[["%s","%s"],["%s","%s"]]\\n\' "$LINKEM_NS_A" "$LINKEM_A" "$LINKEM_NS_B" "$LINKEM_B"; exec cat >/dev/null';

const end = z.tuple([z.string(), z.string().min(1)]);
const ends = z.tuple([end, end]);

/** A link that an emulator keeps up until it is closed, or this process ends. */
export class EmulatedLink {
  readonly #child: ChildProcess;
  readonly #options: EmulatedLinkOptions;
  readonly #lines = new AsyncQueue<string>();
  #output = '';
  #ends: { readonly listening: LinkEnd; readonly dialling: LinkEnd } | undefined;

  private constructor(options: EmulatedLinkOptions) {
    this.#options = options;
    const { file, name, shape, seed } = options;
    this.#child = spawn(file, ['up', name, ...linkWords(shape), '--seed', String(seed), '--exec', TELL_AND_WAIT], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdin, stdout, stderr } = this.#child;
    stdin?.on('error', () => undefined); // An emulator that is gone is noticed by its end.
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    });
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.#lines.push(line));
    this.#child.on('error', (error) => this.#lines.end(error));
    // Not 'exit': the closing line comes first.
    this.#child.on('close', () => this.#lines.end());
  }

  /** Makes the link. Rejects with ERR_EMULATOR and what the emulator said, and leaves nothing behind. */
  static async open(options: EmulatedLinkOptions): Promise<EmulatedLink> {
    const link = new EmulatedLink(options);
    try {
      const line = await link.#within('the link did not come up', () => link.#nextLine());
      const [[a, addressOfA], [b, addressOfB]] = ends.parse(JSON.parse(line));
      link.#ends = {
        listening: { namespace: a, address: addressOfA },
        dialling: { namespace: b, address: addressOfB },
      };
      return link;
    } catch (error) {
      await link.#kill();
      options.signal.throwIfAborted();
      throw link.#failure(toError(error));
    }
  }

  /** The end that listens and receives. */
  get listening(): LinkEnd {
    return this.#opened.listening;
  }

  /** The end that dials and sends. */
  get dialling(): LinkEnd {
    return this.#opened.dialling;
  }

  /** Takes the link down; what the emulator says of itself. Rejects with ERR_EMULATOR. */
  async close(): Promise<Honesty> {
    try {
      return await this.#within('the link was not taken down', async () => {
        this.#child.stdin?.end();
        let last = '';
        for await (const line of this.#lines) last = line;
        return parseHonesty(last);
      });
    } catch (error) {
      await this.#kill();
      this.#options.signal.throwIfAborted();
      throw this.#failure(toError(error));
    }
  }

  async #nextLine(): Promise<string> {
    for await (const line of this.#lines) return line;
    throw new Error('it ended before the link was up');
  }

  /** Lets go of the emulator, which then cleans up; one that hangs is told to, and at last ended. */
  async #kill(): Promise<void> {
    this.#child.stdin?.end();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await this.#endsWithin(PATIENCE_MS / 4)) return;
      this.#child.kill(signal);
    }
    await this.#endsWithin(PATIENCE_MS / 4);
  }

  /** Waits until the emulator has ended; resolves to whether it did in time. */
  async #endsWithin(ms: number): Promise<boolean> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return true;
    const over = new AbortController();
    const gone = new Promise<boolean>((resolve) => this.#child.once('exit', () => resolve(true)));
    const late = sleep(this.#options.clock, ms, over.signal).then(() => false);
    const isGone = await Promise.race([gone, late]);
    over.abort();
    return isGone;
  }

  get #opened() {
    if (this.#ends === undefined) throw new Error('this link was not opened');
    return this.#ends;
  }

  #within<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { clock, signal } = this.#options;
    const late = () => new Error(`${what} within ${PATIENCE_MS / 1_000} s`);
    return withDeadline(clock, PATIENCE_MS, late, signal, work);
  }

  #failure(cause: Error): KernelError {
    const said = this.#output.trim().split('\n').at(-1) ?? '';
    const text = `the emulator ${this.#options.file} failed: ${cause.message}${said === '' ? '' : `; it said: ${said}`}`;
    return new KernelError('ERR_EMULATOR', text, { cause });
  }
}

/** The words that tell an emulator what the link is like. */
export function linkWords(shape: LinkShape): string[] {
  const { rateMbit, delayMs, lossPercent = 0, reorderPercent = 0, jitterMs = 0, queueBytes } = shape;
  const words = ['--rate', `${rateMbit}mbit`, '--delay', `${delayMs}ms`, '--queue', `${Math.round(queueBytes)}b`];
  if (lossPercent > 0) words.push('--loss', `${lossPercent}%`);
  if (reorderPercent > 0) words.push('--reorder', `${reorderPercent}%`);
  if (jitterMs > 0) words.push('--jitter', `${jitterMs}ms`);
  return words;
}
