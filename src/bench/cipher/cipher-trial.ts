import { errorCode, type Cipher, type Clock, type RecordCipher } from '../../kernel/index.ts';
import { seededRandom } from '../../kit/index.ts';

export interface CipherTrialOptions {
  readonly cipher: Cipher;
  readonly seed: number;
  readonly clock: Clock;
}

/** A record and the number it was sealed with. */
interface Sealed {
  readonly sequence: bigint;
  readonly record: Uint8Array;
}

/** Bytes of different records that are opened in turn, so that they are not all in the processor's nearest memory. */
const OPENED_BYTES = 4 * 1024 * 1024;
const MOST_OPENED = 1_024;

/** Seals and opens records of one cipher, on the thread that calls. */
export class CipherTrial {
  readonly #cipher: Cipher;
  readonly #clock: Clock;
  readonly #seed: number;
  readonly #sealer: RecordCipher;
  readonly #opener: RecordCipher;
  readonly #plaintexts = new Map<number, Uint8Array>();
  #toOpen: { readonly length: number; readonly records: readonly Sealed[] } = { length: -1, records: [] };
  #sequence = 0n;

  constructor({ cipher, seed, clock }: CipherTrialOptions) {
    this.#cipher = cipher;
    this.#clock = clock;
    this.#seed = seed;
    const key = seededRandom(seed).bytes(cipher.keyLength);
    this.#sealer = cipher.create(key);
    this.#opener = cipher.create(key);
  }

  /**
   * Seals a plaintext of `length` bytes and opens the record again; changes it, and opens it under another number, where the cipher says
   * that it notices.
   *
   * @throws Error saying what is not as it should be.
   */
  check(length: number): void {
    const { name, overhead, authenticated } = this.#cipher;
    const plaintext = this.#plaintext(length);
    const sealed = this.#seal(plaintext);
    if (sealed.record.length !== length + overhead) {
      throw new Error(
        `${name} makes records of ${sealed.record.length} bytes of ${length}, and names ${overhead} for overhead`,
      );
    }
    if (Buffer.compare(this.#open(sealed), plaintext) !== 0) {
      throw new Error(`${name} does not give back ${length} bytes as they were sealed`);
    }
    if (!authenticated) return;
    const { sequence, record } = sealed;
    for (const place of [0, Math.floor(record.length / 2), record.length - 1]) {
      this.#mustRefuse({ sequence, record: withBitChanged(record, place) }, `a record changed at byte ${place}`);
    }
    this.#mustRefuse({ sequence: sequence + 1n, record }, 'a record under another number');
  }

  /** Seconds that it takes to seal so many records. */
  seal(length: number, records: number): number {
    const plaintext = this.#plaintext(length);
    const started = this.#clock.now();
    for (let index = 0; index < records; index++) this.#sealer.seal(this.#sequence++, plaintext);
    return (this.#clock.now() - started) / 1_000;
  }

  /** Seconds that it takes to open so many. */
  open(length: number, records: number): number {
    const sealed = this.#recordsOf(length);
    const started = this.#clock.now();
    for (let index = 0; index < records; index++) this.#open(sealed[index % sealed.length] as Sealed);
    return (this.#clock.now() - started) / 1_000;
  }

  #recordsOf(length: number): readonly Sealed[] {
    if (this.#toOpen.length !== length) {
      const count = Math.min(MOST_OPENED, Math.max(1, Math.floor(OPENED_BYTES / length)));
      const plaintext = this.#plaintext(length);
      this.#toOpen = { length, records: Array.from({ length: count }, () => this.#seal(plaintext)) };
    }
    return this.#toOpen.records;
  }

  #seal(plaintext: Uint8Array): Sealed {
    const sequence = this.#sequence++;
    // A copy: what a cipher yields may be the very memory it was given.
    return { sequence, record: this.#sealer.seal(sequence, plaintext.slice()) };
  }

  #open({ sequence, record }: Sealed): Uint8Array {
    return this.#opener.open(sequence, record);
  }

  #mustRefuse(sealed: Sealed, what: string): void {
    let opened = false;
    try {
      this.#open(sealed);
      opened = true;
    } catch (error) {
      if (errorCode(error) !== 'ERR_CIPHER_REJECTED') throw error;
    }
    if (opened) throw new Error(`${this.#cipher.name} says it notices changes, and opens ${what}`);
  }

  #plaintext(length: number): Uint8Array {
    const plaintext = this.#plaintexts.get(length) ?? seededRandom(this.#seed).bytes(length);
    this.#plaintexts.set(length, plaintext);
    return plaintext;
  }
}

function withBitChanged(record: Uint8Array, place: number): Uint8Array {
  const changed = new Uint8Array(record);
  changed[place] = (changed[place] ?? 0) ^ 1;
  return changed;
}
