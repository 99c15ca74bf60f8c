import { KernelError } from '../../../kernel/index.ts';

/** A packet or frame that breaks the format or the protocol; the text is for the log of the side that noticed. */
export function malformed(what: string): KernelError {
  return new KernelError('ERR_PACKET', `malformed packet: ${what}`);
}

/** Bytes a number takes as a variable-length integer (RFC 9000, section 16): 1, 2, 4 or 8. */
export function varintLength(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  return value < 0x4000_0000 ? 4 : 8;
}

/** Writes big-endian numbers and bytes into an array it is handed; the caller sees to the room. */
export class ByteWriter {
  readonly bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  uint8(value: number): void {
    this.bytes[this.position++] = value;
  }

  uint16(value: number): void {
    const { bytes, position } = this;
    bytes[position] = value >>> 8;
    bytes[position + 1] = value;
    this.position = position + 2;
  }

  uint32(value: number): void {
    const { bytes, position } = this;
    bytes[position] = value >>> 24;
    bytes[position + 1] = value >>> 16;
    bytes[position + 2] = value >>> 8;
    bytes[position + 3] = value;
    this.position = position + 4;
  }

  /** A whole number up to Number.MAX_SAFE_INTEGER in eight bytes. */
  uint64(value: number): void {
    this.uint32(Math.floor(value / 2 ** 32));
    this.uint32((value % 2 ** 32) | 0);
  }

  varint(value: number): void {
    if (value < 0x40) this.uint8(value);
    else if (value < 0x4000) this.uint16(value | 0x4000);
    else if (value < 0x4000_0000) this.uint32(value | 0x8000_0000);
    else {
      const start = this.position;
      this.uint64(value);
      this.bytes[start] = (this.bytes[start] ?? 0) | 0xc0;
    }
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }
}

/** Reads what ByteWriter writes; throws ERR_PACKET where the bytes end too soon or a number is too large to be exact. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#position = position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  uint8(): number {
    const value = this.#bytes[this.#position];
    if (value === undefined) throw malformed('it ends too soon');
    this.#position += 1;
    return value;
  }

  uint16(): number {
    return this.uint8() * 0x100 + this.uint8();
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }

  varint(): number {
    const first = this.uint8();
    const high = first & 0x3f;
    if (first < 0x40) return high;
    if (first < 0x80) return high * 0x100 + this.uint8();
    if (first < 0xc0) return (high * 0x100 + this.uint8()) * 0x1_0000 + this.uint16();
    const value = ((high * 0x100 + this.uint8()) * 0x1_0000 + this.uint16()) * 2 ** 32 + this.uint32();
    if (value > Number.MAX_SAFE_INTEGER) throw malformed('a number is above 2^53 - 1');
    return value;
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    if (length > this.remaining) throw malformed('it ends too soon');
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  /** Passes over zero bytes: padding. */
  skipZeros(): void {
    const bytes = this.#bytes;
    let position = this.#position;
    while (position < bytes.length && bytes[position] === 0) position += 1;
    this.#position = position;
  }
}
