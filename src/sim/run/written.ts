import { sha256 } from '../../kit/sha256.ts';

/** What the people of a network did to files. */
export class Written {
  /** Each content that a file may have. */
  readonly #contents = new Set<string>();
  /** The checksum of what was written last under each name; nothing under it where it was deleted since. */
  readonly #latest = new Map<string, string | undefined>();

  add(name: string, user: string, content: Uint8Array): void {
    const checksum = sha256(content);
    this.#contents.add(`${name}\0${user}\0${checksum}`);
    this.#latest.set(name, checksum);
  }

  /** Somebody deleted their copy, if they had one. What others have may go with it. */
  remove(name: string): void {
    this.#latest.set(name, undefined);
  }

  /** Whether the user wrote that. */
  has({ name, user, checksum }: { readonly name: string; readonly user: string; readonly checksum: string }): boolean {
    return this.#contents.has(`${name}\0${user}\0${checksum}`);
  }

  /** Whether nothing was done under the name after this was written: no newer version covers it. */
  isLatest(name: string, checksum: string): boolean {
    return this.#latest.get(name) === checksum;
  }
}
