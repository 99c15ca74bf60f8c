import { settingsSchema, toError, type Address, type PluginKind } from '../../kernel/index.ts';
import { silentLogger, systemRandom } from '../../kit/index.ts';
import { ED25519_KEY_LENGTH, identityFrom, privateKeyFromSeed } from '../../node/identity/identity.ts';
import { sealed } from '../../node/link/sealed-transport.ts';
import type { BenchSetting, WorkerRole } from '../bench.ts';
import { pluginSubjects, type PluginSubject } from '../plugin-subjects.ts';
import type { Contender } from './contenders.ts';
import { FrameContents } from './frame-content.ts';
import { JobClient, type Frames, type GivenFrames } from './job-client.ts';
import type { Pipe, PipeListener, Piping } from './pipe.ts';
import { plainTcp } from './plain-tcp.ts';
import { cpuSeconds, peakMemory } from './process-figures.ts';
import { serveJobs } from './serve-jobs.ts';

/** What the process at one end is asked. */
export type EndQuestion =
  | { readonly ask: 'open'; readonly contender: Contender; readonly sharedKey: Uint8Array; readonly seed: number }
  /** Where it listens, and does what the other end wants, from then on. */
  | { readonly ask: 'listen' }
  | { readonly ask: 'dial'; readonly address: Address }
  | ({ readonly ask: 'give' } & Frames)
  | ({ readonly ask: 'exchange'; readonly inFlight: number } & Frames)
  | { readonly ask: 'connect'; readonly times: number; readonly length: number }
  | { readonly ask: 'peakMemory' };

/** What it answers, by question. */
export interface EndAnswers {
  readonly open: undefined;
  readonly listen: Address;
  readonly dial: undefined;
  readonly give: GivenFrames;
  /** Seconds until all frames were back. */
  readonly exchange: number;
  /** Seconds of each connection, from the dial until the first frame was back. */
  readonly connect: readonly number[];
  /** Bytes. */
  readonly peakMemory: number;
}

/** Any port of this machine: what both processes of a pair can reach. */
const HERE = '127.0.0.1:0';

/** A process at one end of a connection. */
export const endRole: WorkerRole = async (setting) => {
  const end = new End(setting);
  return (question) => end.answer(question as EndQuestion);
};

class End {
  readonly #setting: BenchSetting;
  #piping: Piping | undefined;
  #seed = 0;
  #dialled: { readonly address: Address; readonly client: JobClient } | undefined;

  constructor(setting: BenchSetting) {
    this.#setting = setting;
  }

  async answer(question: EndQuestion): Promise<EndAnswers[EndQuestion['ask']]> {
    switch (question.ask) {
      case 'open':
        this.#piping = openPiping(question.contender, question.sharedKey, this.#setting);
        this.#seed = question.seed;
        return undefined;
      case 'listen':
        return this.#listen();
      case 'dial': {
        const pipe = await this.#opened().dial(question.address);
        this.#dialled = { address: question.address, client: this.#client(pipe) };
        return undefined;
      }
      case 'give':
        return this.#connected().client.give(question);
      case 'exchange':
        return this.#connected().client.exchange(question);
      case 'connect':
        return this.#connect(question.times, question.length);
      case 'peakMemory':
        return peakMemory();
    }
  }

  async #listen(): Promise<Address> {
    const piping = this.#opened();
    const listener = await piping.listen(piping.parse(HERE));
    // Goes on until the process ends; what goes wrong on a pipe, the other end measures or misses.
    void serveAll(listener);
    return listener.address;
  }

  /** Connections one after the other, each from the dial until the first frame was back. */
  async #connect(times: number, length: number): Promise<number[]> {
    const { clock } = this.#setting;
    const { address } = this.#connected();
    const seconds: number[] = [];
    for (let time = 0; time < times; time++) {
      const started = clock.now();
      const pipe = await this.#opened().dial(address);
      await this.#client(pipe).exchange({ frames: 1, length, inFlight: 1 });
      seconds.push((clock.now() - started) / 1_000);
      await pipe.close();
    }
    return seconds;
  }

  #client(pipe: Pipe): JobClient {
    return new JobClient({ pipe, seed: this.#seed, clock: this.#setting.clock, cpuSeconds });
  }

  #opened(): Piping {
    if (this.#piping === undefined) throw new Error('this end was not opened');
    return this.#piping;
  }

  #connected(): { readonly address: Address; readonly client: JobClient } {
    if (this.#dialled === undefined) throw new Error('this end has not dialled');
    return this.#dialled;
  }
}

async function serveAll(listener: PipeListener): Promise<void> {
  const contents = new FrameContents();
  for await (const pipe of listener) {
    serveJobs(pipe, { contents, cpuSeconds }).catch((error: unknown) => pipe.abort(toError(error)));
  }
}

function openPiping({ transport, cipher }: Contender, sharedKey: Uint8Array, setting: BenchSetting): Piping {
  if (transport === undefined) return plainTcp();
  // The two processes of a pair must not draw the same names and keys.
  const random = systemRandom();
  const bare = at(pluginSubjects('transport', setting), transport).create({ random });
  if (cipher === undefined) return bare;
  return sealed(bare, {
    identity: identityFrom(privateKeyFromSeed(random.bytes(ED25519_KEY_LENGTH))),
    sharedKey,
    cipher: at(pluginSubjects('cipher', setting), cipher).create({ random }),
    clock: setting.clock,
    random,
    logger: silentLogger(),
    settings: settingsSchema.parse({}),
  });
}

function at<Kind extends PluginKind>(subjects: readonly PluginSubject<Kind>[], place: number): PluginSubject<Kind> {
  const subject = subjects[place];
  if (subject === undefined) throw new RangeError(`there is no plugin ${place} of ${subjects.length}`);
  return subject;
}
