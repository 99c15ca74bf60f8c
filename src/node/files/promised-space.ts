import { KernelError, type Disk } from '../../kernel/index.ts';

/** Space that is kept for one file on its way in. */
export interface Promised {
  /** Bytes of it were written. */
  release(bytes: number): void;
  /** Nothing more will be written. Idempotent. */
  end(): void;
}

/** Keeps files that come at the same time from being promised the same free space. */
export class PromisedSpace {
  readonly #disk: Pick<Disk, 'freeBytes'>;
  /** Bytes still to be written of all files on their way in. */
  #promised = 0;
  #asking: Promise<number> | undefined;

  constructor(disk: Pick<Disk, 'freeBytes'>) {
    this.#disk = disk;
  }

  /** Keeps space for a file. @throws ERR_DISK_FULL */
  async promise(name: string, bytes: number): Promise<Promised> {
    const free = await this.#freeBytes();
    if (bytes > free - this.#promised) {
      throw new KernelError('ERR_DISK_FULL', `${JSON.stringify(name)} needs ${bytes} bytes, and only ${free} are free`);
    }
    this.#promised += bytes;
    let left = bytes;
    const release = (written: number): void => {
      const released = Math.min(written, left);
      left -= released;
      this.#promised -= released;
    };
    return { release, end: () => release(left) };
  }

  /** Files that come at once ask once. */
  async #freeBytes(): Promise<number> {
    this.#asking ??= this.#disk.freeBytes().finally(() => (this.#asking = undefined));
    return this.#asking;
  }
}
