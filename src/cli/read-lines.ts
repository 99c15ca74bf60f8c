import { StringDecoder } from 'node:string_decoder';
import { KernelError } from '../kernel/index.ts';

/** Longest line of input, in characters: a name of 1,024 bytes fits however it is escaped. */
const MAX_LINE_LENGTH = 16 * 1024;

/** Cuts UTF-8 bytes into lines that end in LF or CR LF; a last line without an end counts too. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #maxLength: number;
  #rest = '';
  #overlong = false;

  constructor(maxLength: number = MAX_LINE_LENGTH) {
    this.#maxLength = maxLength;
  }

  /** The lines that these bytes complete; ERR_LIMIT in the place of one that is too long, whose rest is then skipped. */
  push(bytes: Uint8Array): (string | KernelError)[] {
    return this.#split(this.#decoder.write(bytes));
  }

  /** What stands after the last line end. */
  end(): (string | KernelError)[] {
    const lines = this.#split(this.#decoder.end());
    const rest = this.#rest;
    this.#rest = '';
    if (this.#overlong || rest === '') return lines;
    return [...lines, rest];
  }

  #split(text: string): (string | KernelError)[] {
    const lines: (string | KernelError)[] = [];
    const parts = text.split('\n');
    for (const [index, part] of parts.entries()) {
      const ends = index < parts.length - 1;
      if (!this.#overlong) this.#rest += part;
      if (this.#rest.length > this.#maxLength) {
        this.#rest = '';
        this.#overlong = true;
        lines.push(new KernelError('ERR_LIMIT', `the line is longer than ${this.#maxLength} characters`));
      }
      if (!ends) continue;
      if (!this.#overlong) lines.push(this.#rest.endsWith('\r') ? this.#rest.slice(0, -1) : this.#rest);
      this.#rest = '';
      this.#overlong = false;
    }
    return lines;
  }
}
