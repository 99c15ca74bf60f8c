import type { Address, Clock, Connection, Listener, Transport } from '../../kernel/index.ts';
import type { Requirement } from '../compliance-case.ts';
import { ComplianceError, expect, outcomeOf, type Outcome } from '../expectations.ts';
import { sampleBytes } from '../sample-bytes.ts';

/** What the transport suite needs to know of an implementation. */
export interface TransportFixture {
  /** What the suite's waits are bounded by: the clock the transports were given. A virtual one must be made to run meanwhile. */
  readonly clock: Clock;
  /** A new transport; the two of a case are made by two calls, and they reach each other. */
  create(): Promise<Transport>;
  /** An address to listen on that nobody uses: with port 0, or another one at each call. */
  address(): Address;
  /** An address where nobody listens. */
  nobody(): Address;
}

/** The two ends of one connection: of who dialled and of who accepted. */
export interface Ends {
  readonly near: Connection;
  readonly far: Connection;
}

/** How long any one thing may take. */
const PATIENCE_MS = 15_000;
/** How long a send must stay pending until it counts as held back. */
const HELD_BACK_MS = 400;
/** What a transport and the system below it may take for a reader that stopped. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;
export const FILL_FRAME_LENGTH = 64 * 1024;

/** The scene of one case: transports, and what was opened on them, which all ends with the case. */
export class TransportStage {
  readonly fixture: TransportFixture;
  readonly #connections: Connection[] = [];
  readonly #listeners: Listener[] = [];

  constructor(fixture: TransportFixture) {
    this.fixture = fixture;
  }

  /** The promise's value; fails with its error, or, naming what was waited for, where it takes too long. */
  async within<T>(promise: PromiseLike<T>, what: string): Promise<T> {
    const outcome = await this.outcome(promise, what);
    if (!outcome.ok) throw new ComplianceError(`${what} failed: ${String(outcome.error)}`, { cause: outcome.error });
    return outcome.value;
  }

  /** How the promise ended; fails, naming what was waited for, where it takes too long. */
  async outcome<T>(promise: PromiseLike<T>, what: string): Promise<Outcome<T>> {
    const outcome = await this.#settled(outcomeOf(promise), PATIENCE_MS);
    expect(outcome !== undefined, `${what} did not settle within ${PATIENCE_MS} ms`);
    return outcome;
  }

  async transport(): Promise<Transport> {
    return this.within(this.fixture.create(), 'creating a transport');
  }

  async listen(transport: Transport, address = this.fixture.address()): Promise<Acceptor> {
    const listener = await this.within(transport.listen(address), `listening on ${address}`);
    this.#listeners.push(listener);
    return new Acceptor(this, listener);
  }

  /** Dials and accepts. */
  async connect(from: Transport, to: Acceptor): Promise<Ends> {
    const dialling = outcomeOf(from.dial(to.listener.address));
    const far = await to.take();
    const dialled = await this.within(dialling, `dialling ${to.listener.address}`);
    expect(dialled.ok, `dialling ${to.listener.address} failed: ${String(dialled.error)}`);
    return { near: this.keep(dialled.value), far };
  }

  /** Two fresh transports and one connection between them. */
  async ends(): Promise<Ends> {
    const acceptor = await this.listen(await this.transport());
    return this.connect(await this.transport(), acceptor);
  }

  /** Sends what nobody reads until a send is held back; fails where the transport goes on taking it. */
  async fill(connection: Connection): Promise<HeldBack> {
    for (let taken = 0; taken * FILL_FRAME_LENGTH <= MAX_BUFFERED_BYTES; taken++) {
      const sending = outcomeOf(connection.send(sampleBytes(FILL_FRAME_LENGTH, taken)));
      const outcome = await this.#settled(sending, HELD_BACK_MS);
      if (outcome === undefined) return { taken, sending };
      expect(outcome.ok, `sending frame ${taken}, which nobody reads yet, failed: ${String(outcome.error)}`);
    }
    throw new ComplianceError(`the transport took ${MAX_BUFFERED_BYTES} bytes that nobody reads, and would take more`);
  }

  /** Has the connection end with the case. */
  keep(connection: Connection): Connection {
    this.#connections.push(connection);
    return connection;
  }

  async end(): Promise<void> {
    for (const connection of this.#connections) connection.abort(new Error('the case is over'));
    for (const listener of this.#listeners) await this.within(listener.close(), 'closing the listener');
  }

  /** `undefined` where the time is over first. */
  #settled<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = this.fixture.clock.setTimer(ms, () => resolve(undefined));
      promise.then(resolve, reject).finally(() => timer.cancel());
    });
  }
}

/** A send that does not resolve, after `taken` frames that did. */
export interface HeldBack {
  readonly taken: number;
  readonly sending: Promise<Outcome<void>>;
}

/** Takes connections from a listener, one after the other. */
export class Acceptor {
  readonly listener: Listener;
  readonly #stage: TransportStage;
  readonly #iterator: AsyncIterator<Connection>;

  constructor(stage: TransportStage, listener: Listener) {
    this.#stage = stage;
    this.listener = listener;
    this.#iterator = listener[Symbol.asyncIterator]();
  }

  next(): Promise<IteratorResult<Connection>> {
    return this.#iterator.next();
  }

  async take(): Promise<Connection> {
    const result = await this.#stage.within(this.next(), 'accepting a connection');
    expect(result.done !== true, 'the listener ended although nobody closed it');
    return this.#stage.keep(result.value);
  }
}

/** The one consumer of a connection's frames. */
export class Reader {
  readonly #stage: TransportStage;
  readonly #iterator: AsyncIterator<Uint8Array>;

  constructor(stage: TransportStage, connection: Connection) {
    this.#stage = stage;
    this.#iterator = connection[Symbol.asyncIterator]();
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return this.#iterator.next();
  }

  async frame(what = 'receiving a frame'): Promise<Uint8Array> {
    const result = await this.#stage.within(this.next(), what);
    expect(result.done !== true, `${what}: the iteration ended instead`);
    return result.value;
  }

  /** Expects the iteration to be done, with no frame before. */
  async end(what = "the iteration after the peer's close"): Promise<void> {
    const result = await this.#stage.within(this.next(), what);
    expect(
      result.done === true,
      `${what} yielded a frame of ${String((result.value as Uint8Array | undefined)?.length)} bytes`,
    );
  }

  /** Reads frames, and throws them away, until the iteration ends in one way or the other. */
  async failure(what = 'the iteration'): Promise<Outcome<undefined>> {
    for (;;) {
      const outcome = await this.#stage.outcome(this.next(), what);
      if (!outcome.ok) return outcome;
      if (outcome.value.done === true) return { ok: true, value: undefined };
    }
  }
}

/** Makes a requirement of the transport suite; whatever it opens on the stage is ended when it is over. */
export function transportCase(
  name: string,
  body: (stage: TransportStage) => Promise<void>,
): Requirement<TransportFixture> {
  return {
    name,
    check: async (fixture) => {
      const stage = new TransportStage(fixture);
      try {
        await body(stage);
      } catch (error) {
        await outcomeOf(stage.end());
        throw error;
      }
      await stage.end();
    },
  };
}
