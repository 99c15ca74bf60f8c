/** So many frames, and their bytes. */
export interface Count {
  readonly frames: number;
  readonly bytes: number;
}

/** What is no message of direct connections: handshakes, closing marks, transfers. */
export const OTHER = 'other';

const NOTHING: Count = { frames: 0, bytes: 0 };
/** The first byte of a record that holds a frame, where the cipher passes it as it is. */
const FRAME = 0;
const SEPARATOR = '^'.charCodeAt(0);
const LONGEST_TYPE = 16;

/** Counts frames by the type of their message. For a network whose cipher leaves records as they are. */
export class FrameCounts {
  readonly #counts = new Map<string, Count>();

  add(bytes: Uint8Array): void {
    const type = typeOf(bytes);
    this.#counts.set(type, sum(this.of(type), { frames: 1, bytes: bytes.length }));
  }

  of(type: string): Count {
    return this.#counts.get(type) ?? NOTHING;
  }

  /** All frames but those of some types. */
  except(...types: readonly string[]): Count {
    return [...this.#counts]
      .filter(([type]) => !types.includes(type))
      .reduce((all, [, count]) => sum(all, count), NOTHING);
  }

  clear(): void {
    this.#counts.clear();
  }
}

function sum(a: Count, b: Count): Count {
  return { frames: a.frames + b.frames, bytes: a.bytes + b.bytes };
}

export function difference(a: Count, b: Count): Count {
  return { frames: a.frames - b.frames, bytes: a.bytes - b.bytes };
}

export function share(count: Count, of: number): Count {
  return { frames: count.frames / of, bytes: count.bytes / of };
}

function typeOf(bytes: Uint8Array): string {
  const end = bytes.subarray(0, LONGEST_TYPE + 2).indexOf(SEPARATOR);
  const type = end > 1 && bytes[0] === FRAME ? Buffer.from(bytes.subarray(1, end)).toString('latin1') : OTHER;
  return /^[A-Z][A-Z0-9]*$/.test(type) ? type : OTHER;
}
