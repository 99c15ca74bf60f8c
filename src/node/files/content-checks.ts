import { errorCode, toError, type Disk, type ErrorCode, type Logger } from '../../kernel/index.ts';
import { quote } from '../messages/display.ts';
import type { ContentHasher, HashedFile } from './content-hasher.ts';
import { factsOf, sameFacts } from './file-facts.ts';
import type { Holding } from './holding.ts';
import type { NameLocks } from './name-locks.ts';
import type { OwnFiles } from './own-files.ts';
import type { VersionArchive } from './version-archive.ts';
import { WorkLanes } from './work-lanes.ts';

export interface ContentChecksOptions {
  readonly disk: Disk;
  readonly own: OwnFiles;
  readonly archive: VersionArchive;
  readonly locks: NameLocks;
  readonly logger: Logger;
  /** Reads at the rate that is meant for this. */
  readonly contents: ContentHasher;
  onWarning(code: ErrorCode, message: string): void;
}

/**
 * Computes the checksum of files that were placed once their pieces were verified: that the pieces make up the promised content is the word of
 * whoever wrote the manifest. Where it was false the file goes out of the folder, and is no longer said to be held.
 *
 * What is still to be done is in the index, so a restart goes on with it; and what was found false is written down before anything is
 * touched, so that a crash in between is not taken for a deletion by the user.
 */
export class ContentChecks {
  readonly #options: ContentChecksOptions;
  readonly #closing = new AbortController();
  /** One at a time: nothing waits for it. */
  readonly #lane = new WorkLanes(1, (name) => this.#check(name));

  constructor(options: ContentChecksOptions) {
    this.#options = options;
  }

  /** Finishes what an earlier run found false, and goes on with what it had not looked at. Before the folder is looked through. */
  async start(): Promise<void> {
    const { own, logger } = this.#options;
    for (const name of [...own.heldNames()]) {
      const check = own.holding(name)?.check;
      if (check === 'due') this.#lane.add(name);
      else if (check === 'failed') {
        await this.#remove(name).catch((error: unknown) => {
          logger.error('file.false_content_left', { name, error: toError(error).message });
        });
      }
    }
  }

  /** A file was placed whose checksum is to be computed. */
  add(name: string): void {
    this.#lane.add(name);
  }

  /** Resolves when all that was added has been looked at. */
  async idle(): Promise<void> {
    while (!this.#lane.isIdle) await this.#lane.progress();
  }

  /** Gives up what is under way; the next start goes on with it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#lane.close();
  }

  async #check(name: string): Promise<void> {
    const { contents, logger, own } = this.#options;
    const { signal } = this.#closing;
    const holding = own.holding(name);
    if (holding?.check !== 'due') return;
    try {
      const content = await contents.hashFile(name, { signal });
      // Changed since, it is another content, which the folder finds.
      if (!sameFacts(content.facts, holding.facts)) return;
      if (content.checksum === holding.record.checksum) await this.#confirm(name, content);
      else await this.#refuse(name, holding, content.checksum);
    } catch (error) {
      // What went or is written to is the folder's affair, and what cannot be read now is tried again at the next start.
      if (!signal.aborted)
        logger.warn('file.not_verified', { name, code: errorCode(error), error: toError(error).message });
    }
  }

  async #confirm(name: string, content: HashedFile): Promise<void> {
    const { disk, locks, own } = this.#options;
    await locks.run(name, async () => {
      const isSame = sameFacts(content.facts, factsOf(await disk.stat(name)));
      const holding = own.holding(name);
      if (isSame && holding?.check === 'due' && holding.record.checksum === content.checksum)
        own.changed(name, content);
    });
  }

  async #refuse(name: string, { record }: Holding, checksum: string): Promise<void> {
    const { logger, onWarning, own } = this.#options;
    const { checksum: promised, writer, user } = record;
    logger.error('file.false_content', { name, checksum: promised, found: checksum, writer, user });
    own.failedCheck(name, record);
    await own.flush();
    await this.#remove(name);
    onWarning(
      'ERR_CHECKSUM',
      `${quote(name)} is not what its writer ${writer} (${user}) promised: it was moved to the replaced versions`,
    );
  }

  /** Moves a file out of the folder that was found false, unless it is another one by now. */
  async #remove(name: string): Promise<void> {
    const { archive, disk, locks, own } = this.#options;
    await locks.run(name, async () => {
      const holding = own.holding(name);
      if (holding?.check !== 'failed') return;
      const isSame = sameFacts(holding.facts, factsOf(await disk.stat(name)));
      // Without a checksum, so that the archive computes the one it has.
      const taken = { ...holding, record: { ...holding.record, checksum: '' } };
      const version = isSame ? await archive.take(name, taken) : undefined;
      own.unreadable(name);
      await own.flush();
      if (version !== undefined) await archive.settle(version);
      await archive.prune(name);
    });
  }
}
