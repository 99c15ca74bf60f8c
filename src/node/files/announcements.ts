import { errorCode, toError, type ErrorCode, type Logger } from '../../kernel/index.ts';
import type { FileStatement } from '../records.ts';

export interface AnnouncementsOptions {
  readonly logger: Logger;
  /** Hears each new statement of this node once, when the index on disk has it. */
  onStatement(statement: FileStatement): void;
  onWarning(code: ErrorCode, message: string): void;
}

/** Brings what this node says anew of its files to disk, and then to the others; what changes meanwhile goes with the next round. */
export class Announcements {
  readonly #options: AnnouncementsOptions;
  readonly #save: () => Promise<void>;
  /** What is told in the round that is about to begin. */
  #next: FileStatement[] | undefined;
  /** The last round that was asked for; never rejects. */
  #last: Promise<void> = Promise.resolve();
  #saveFailed = false;

  /** @param save brings all that changed up to now to disk; what it could not write is tried again by the next call. */
  constructor(options: AnnouncementsOptions, save: () => Promise<void>) {
    this.#options = options;
    this.#save = save;
  }

  /** A statement was made: saves it soon and then tells it. */
  add(statement: FileStatement): void {
    this.#round().push(statement);
  }

  /** Something changed of which nobody has to be told. */
  saveSoon(): void {
    this.#round();
  }

  /** Resolves when all statements up to now were told, whatever comes meanwhile. Never rejects. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** What is to be told in the next round, which begins when the last is over. */
  #round(): FileStatement[] {
    if (this.#next !== undefined) return this.#next;
    const statements: FileStatement[] = [];
    this.#next = statements;
    this.#last = this.#last.then(async () => {
      this.#next = undefined;
      await this.#trySave();
      for (const statement of statements) this.#tell(statement);
    });
    return statements;
  }

  /** Where the index cannot be written the node goes on, warned once: what is missing is written later, or hashed again after a restart. */
  async #trySave(): Promise<void> {
    try {
      await this.#save();
      this.#saveFailed = false;
    } catch (error) {
      const message = `cannot write the index: ${toError(error).message}`;
      if (!this.#saveFailed) this.#options.onWarning(errorCode(error) ?? 'ERR_DISK', message);
      this.#saveFailed = true;
    }
  }

  #tell(statement: FileStatement): void {
    const { onStatement, logger } = this.#options;
    try {
      onStatement(statement);
    } catch (error) {
      // Others hear it with the next TIMN.
      logger.error('file.not_announced', { name: statement.record.name, error: toError(error).message });
    }
  }
}
