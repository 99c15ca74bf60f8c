import {
  KernelError,
  MAX_FRAME_LENGTH,
  errorCode,
  toError,
  type AbortOptions,
  type Address,
  type AddressForm,
  type Cipher,
  type Clock,
  type Connection,
  type Logger,
  type Random,
  type Session,
  type SessionListener,
  type SessionTransport,
  type Settings,
  type Transport,
} from '../../kernel/index.ts';
import { isLoopback, withDeadline } from '../../kit/index.ts';
import { sleep } from '../../kit/sleep.ts';
import type { Identity } from '../identity/identity.ts';
import { SHARED_KEY_LENGTH } from '../identity/shared-key.ts';
import { hostOf } from './address-host.ts';
import { FailureLog, type FailureReport } from './failure-log.ts';
import { handshakeAsDialler, type Handshaken } from './handshake-driver.ts';
import { handshakeParty, type HandshakeParty } from './handshake.ts';
import { isCipherName } from './hello.ts';
import { RECORD_HEADER_LENGTH, RecordOpener, RecordSealer } from './record-stream.ts';
import { Scratch } from './scratch.ts';
import { SealedConnection } from './sealed-connection.ts';
import { SealedListener, type HandshakeLimits } from './sealed-listener.ts';

export interface SealedOptions {
  readonly identity: Identity;
  /** 32 bytes; see `parseSharedKey`. */
  readonly sharedKey: Uint8Array;
  readonly cipher: Cipher;
  readonly clock: Clock;
  /** Fit for keys. */
  readonly random: Random;
  readonly logger: Logger;
  readonly settings: HandshakeLimits & Pick<Settings, 'allowPlaintext'>;
  /** Called with each line about failed incoming handshakes that goes to the log: the first of a source and code at once, then once a minute. */
  readonly onHandshakeFailed?: (report: FailureReport) => void;
}

/**
 * Makes a transport's connections sessions: both ends prove the shared key and their identity in a handshake, and every frame after it
 * is a record of the cipher. Layout and keys are in `docs/security.md`.
 *
 * `dial` rejects, beside the transport's codes, with ERR_VERSION_DIFFERS, ERR_KEY_DIFFERS, ERR_CIPHER_DIFFERS, ERR_HANDSHAKE,
 * ERR_HANDSHAKE_TIMEOUT, ERR_SELF, ERR_IDENTITY_IN_USE or ERR_PLAINTEXT_REFUSED; `listen` with the last one too.
 *
 * @throws RangeError where the key has another length, or the cipher does not fit the contract or the transport.
 */
export function sealed(transport: Transport, options: SealedOptions): SessionTransport {
  return new SealedTransport(transport, options);
}

/**
 * A node that is called by many at once ends some of the calls; who was unlucky tries again a little later, and not all at the same time.
 */
const DIAL_RETRIES = 3;
const RETRY_MIN_MS = 50;
const RETRY_SPREAD_MS = 200;

class SealedTransport implements SessionTransport {
  readonly maxFrameLength = MAX_FRAME_LENGTH;
  readonly #transport: Transport;
  readonly #options: SealedOptions;
  readonly #party: HandshakeParty;
  readonly #scratch = new Scratch();

  constructor(transport: Transport, options: SealedOptions) {
    const { identity, sharedKey, cipher, random } = options;
    if (!isCipherName(cipher.name)) throw new RangeError(`a cipher cannot be named ${JSON.stringify(cipher.name)}`);
    if (sharedKey.length !== SHARED_KEY_LENGTH) throw new RangeError(`a shared key has ${SHARED_KEY_LENGTH} bytes`);
    if (transport.maxFrameLength < MAX_FRAME_LENGTH + RECORD_HEADER_LENGTH + cipher.overhead) {
      throw new RangeError(`a transport with frames of ${transport.maxFrameLength} bytes cannot carry sealed ones`);
    }
    this.#transport = transport;
    this.#options = options;
    this.#party = handshakeParty({ identity, sharedKey, cipherName: cipher.name, random });
  }

  get addressForm(): AddressForm | undefined {
    return this.#transport.addressForm;
  }

  parse(text: string): Address {
    return this.#transport.parse(text);
  }

  async listen(text: Address, options?: AbortOptions): Promise<SessionListener> {
    const address = this.#allowed(text);
    const listener = await this.#transport.listen(address, options);
    const { clock, logger, settings, onHandshakeFailed } = this.#options;
    return new SealedListener({
      listener,
      party: this.#party,
      limits: settings,
      clock,
      logger,
      failures: new FailureLog({ clock, logger, onReport: (report) => onHandshakeFailed?.(report) }),
      toSession: (connection, handshaken) => this.#session(connection, handshaken),
    });
  }

  async dial(text: Address, options: AbortOptions = {}): Promise<Session> {
    const address = this.#allowed(text);
    const { clock, random } = this.#options;
    const signal = options.signal ?? new AbortController().signal;
    for (let retries = DIAL_RETRIES; ; retries--) {
      const connection = await this.#transport.dial(address, options);
      try {
        return await this.#handshake(connection, options);
      } catch (error) {
        connection.abort(toError(error));
        if (errorCode(error) !== 'ERR_DIAL_FAILED' || retries === 0) throw error;
      }
      // Where the signal ends the wait, the next dial rejects with its reason.
      await sleep(clock, RETRY_MIN_MS + random.fraction() * RETRY_SPREAD_MS, signal);
    }
  }

  async #handshake(connection: Connection, { signal }: AbortOptions): Promise<Session> {
    const { clock, logger, settings } = this.#options;
    const { remote } = connection;
    const started = clock.now();
    const timedOut = () =>
      new KernelError(
        'ERR_HANDSHAKE_TIMEOUT',
        `${remote} took the connection but did not finish the handshake within ${settings.handshakeMs} ms`,
      );
    const handshaken = await withDeadline(clock, settings.handshakeMs, timedOut, signal, () =>
      handshakeAsDialler(connection, this.#party),
    );
    logger.debug('handshake.done', { peer: handshaken.peer, remote, side: 'dialler', ms: clock.now() - started });
    return this.#session(connection, handshaken);
  }

  /** The address in canonical form, if this node may use it: what protects nothing stays on this machine. */
  #allowed(text: Address): Address {
    const address = this.#transport.parse(text);
    const { cipher, settings } = this.#options;
    if (cipher.authenticated || settings.allowPlaintext || isLoopback(this.#hostOf(address))) return address;
    throw new KernelError(
      'ERR_PLAINTEXT_REFUSED',
      `${address} is not a loopback address, and the cipher ${cipher.name} protects nothing: ` +
        'choose a profile with another cipher, or set allowPlaintext',
    );
  }

  /** The host an address names, by the transport's own word if it has one. */
  #hostOf(address: Address): string {
    const { addressForm } = this.#transport;
    return (addressForm === undefined ? hostOf(address) : addressForm.split(address)?.host) ?? '';
  }

  #session(connection: Connection, handshaken: Handshaken): Session {
    const { cipher } = this.#options;
    const { peer, frames, sendSecret, receiveSecret } = handshaken;
    return new SealedConnection({
      connection,
      frames,
      peer,
      authenticated: cipher.authenticated,
      sealer: new RecordSealer({ cipher, secret: sendSecret, scratch: this.#scratch }),
      opener: new RecordOpener({ cipher, secret: receiveSecret }),
    });
  }
}
