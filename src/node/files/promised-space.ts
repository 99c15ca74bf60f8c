import { KernelError, type Clock, type Disk } from '../../kernel/index.ts';

/** Space that is kept for one file on its way in. */
export interface Promised {
  /** Bytes of it were written. */
  release(bytes: number): void;
  /** Nothing more will be written. Idempotent. */
  end(): void;
}

/** What was free when the disk was asked last, less what was written of promised files since. */
interface Known {
  free: number;
  readonly askedAt: number;
}

/** How long the disk is not asked again, in ms, while what it said is enough: of many small files each would else wait for an answer. */
const TRUSTED_MS = 100;

/** Keeps files that come at the same time from being promised the same free space. */
export class PromisedSpace {
  readonly #disk: Pick<Disk, 'freeBytes'>;
  readonly #clock: Pick<Clock, 'now'>;
  /** Bytes still to be written of all files on their way in. */
  #promised = 0;
  #known: Known | undefined;
  #asking: Promise<Known> | undefined;

  constructor(disk: Pick<Disk, 'freeBytes'>, clock: Pick<Clock, 'now'>) {
    this.#disk = disk;
    this.#clock = clock;
  }

  /** Keeps space for a file. @throws ERR_DISK_FULL */
  async promise(name: string, bytes: number): Promise<Promised> {
    const { free } = this.#knownToFit(bytes) ?? (await this.#ask());
    if (bytes > free - this.#promised) {
      throw new KernelError('ERR_DISK_FULL', `${JSON.stringify(name)} needs ${bytes} bytes, and only ${free} are free`);
    }
    this.#promised += bytes;
    let left = bytes;
    const giveBack = (written: number): number => {
      const released = Math.min(written, left);
      left -= released;
      this.#promised -= released;
      return released;
    };
    const release = (written: number): void => {
      const released = giveBack(written);
      if (this.#known !== undefined) this.#known.free -= released;
    };
    return { release, end: () => void giveBack(left) };
  }

  #knownToFit(bytes: number): Known | undefined {
    const known = this.#known;
    if (known === undefined || this.#clock.now() - known.askedAt >= TRUSTED_MS) return undefined;
    return bytes <= known.free - this.#promised ? known : undefined;
  }

  /** Files that come at once ask once. */
  async #ask(): Promise<Known> {
    this.#asking ??= this.#lookUp().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  async #lookUp(): Promise<Known> {
    const askedAt = this.#clock.now();
    this.#known = { free: await this.#disk.freeBytes(), askedAt };
    return this.#known;
  }
}
