import {
  errorCode,
  toError,
  type Clock,
  type Disk,
  type ErrorCode,
  type Logger,
  type Settings,
  type Timer,
} from '../../kernel/index.ts';
import { PRIVATE_DIRECTORY } from '../layout.ts';
import { quote } from '../messages/display.ts';
import { nameProblem } from '../messages/file-name.ts';
import type { ContentHasher } from './content-hasher.ts';
import { DirectoryWatches } from './directory-watches.ts';
import { factsOf, sameFacts, type FileFacts } from './file-facts.ts';
import { joinPath, walkFolder, type FolderWalk } from './folder-walk.ts';
import { lookAt } from './look.ts';
import type { NameLocks } from './name-locks.ts';
import type { OwnFiles } from './own-files.ts';
import { SettlingFiles } from './settling-files.ts';
import { WorkLanes } from './work-lanes.ts';

export interface SharedFolderOptions {
  readonly disk: Disk;
  readonly own: OwnFiles;
  /** Reads at the rate that is meant for this. */
  readonly contents: ContentHasher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: Pick<Settings, 'scanMs' | 'settleMs'>;
  readonly locks: NameLocks;
  onWarning(code: ErrorCode, message: string): void;
}

/** Files looked at, and hashed, at once: several small ones overlap, and a few large ones do not hold up the looking. */
const LOOKS = 8;
const HASHES = 4;
/** A scan may take this part of the time, so that a large folder does not keep the machine busy. */
const SCAN_REST = 100;

/**
 * Watches the user's folder and tells OwnFiles what he changes in it: by events of the file system and, since these may
 * be missed, by scans. What has the size, date and inode it had is not read again.
 */
export class SharedFolder {
  readonly #options: SharedFolderOptions;
  readonly #watches: DirectoryWatches;
  readonly #settling: SettlingFiles;
  readonly #looks: WorkLanes;
  readonly #hashes: WorkLanes;
  /** Files that could not be read, as they were then. */
  readonly #unreadable = new Map<string, FileFacts | undefined>();
  /** Files that were read for a manifest they lack: where that failed, the next run tries again. */
  readonly #described = new Set<string>();
  /** Paths that were warned of in the last scan. */
  #warned = new Set<string>();
  readonly #closing = new AbortController();
  /** Until the folder was looked through, all is taken for at rest: what is there at the start is not waited for. */
  #isStarted = false;
  #scanTimer: Timer | undefined;
  #scanning: Promise<void> | undefined;
  /** Whether events were missed since the last scan began. */
  #scanIsDue = false;
  /** Whether this node tells of as many files as it may. */
  #isFull = false;

  constructor(options: SharedFolderOptions) {
    this.#options = options;
    const { disk, clock, logger, settings } = options;
    this.#looks = new WorkLanes(LOOKS, (name) => this.#examine(name));
    this.#hashes = new WorkLanes(HASHES, (name) => this.#enter(name));
    this.#settling = new SettlingFiles({
      clock,
      settleMs: settings.settleMs,
      onRested: (name) => this.#looks.add(name),
    });
    this.#watches = new DirectoryWatches({
      disk,
      logger,
      onChange: (directory, name) => this.#noticeEntry(directory, name),
      onGone: (directory) => this.#noticeBelow(directory),
    });
  }

  /**
   * Looks through the whole folder once, and watches it from then on. What has to be hashed is so meanwhile: see
   * `idle`.
   */
  async start(): Promise<void> {
    await this.#scan();
    while (!this.#looks.isIdle) await this.#looks.progress();
    this.#isStarted = true;
  }

  /** Files that were found to be new, and are being hashed or wait for it. */
  get unhashed(): number {
    return this.#hashes.size;
  }

  /** Resolves when all that was found to be new, and is at rest, has been hashed. */
  async idle(): Promise<void> {
    while (!this.#looks.isIdle || !this.#hashes.isIdle) {
      await this.#looks.progress();
      if (this.#looks.isIdle) await this.#hashes.progress();
    }
  }

  /** Looks at a file soon: it may have changed. */
  notice(name: string): void {
    this.#unreadable.delete(name);
    // A file that settles is looked at again anyway; a growing one reports every write.
    if (!this.#settling.has(name)) this.#looks.add(name);
  }

  /** Whether a directory of the folder is known by exactly this path. */
  knowsDirectory(path: string): boolean {
    return this.#watches.has(path);
  }

  /** Ends watching; a file being hashed is given up. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#scanTimer?.cancel();
    this.#settling.close();
    await Promise.all([this.#watches.close(), this.#scanning, this.#looks.close(), this.#hashes.close()]);
    // The last looks may have found something to wait for.
    this.#settling.close();
  }

  #noticeEntry(directory: string, name: string): void {
    const path = joinPath(directory, name);
    if (name === '') this.#scanSoon();
    else if (nameProblem(path) === undefined) this.notice(path);
  }

  #noticeBelow(directory: string): void {
    const prefix = joinPath(directory, '');
    for (const name of this.#options.own.heldNames()) if (name.startsWith(prefix)) this.notice(name);
  }

  async #scan(): Promise<void> {
    this.#scanTimer?.cancel();
    this.#scanIsDue = false;
    const startedMs = this.#options.clock.now();
    this.#scanning = this.#scanAll();
    await this.#scanning;
    this.#scanAfter(this.#restMs(startedMs));
  }

  #restMs(startedMs: number): number {
    const { clock, settings } = this.#options;
    return this.#scanIsDue ? settings.settleMs : Math.max(settings.scanMs, (clock.now() - startedMs) * SCAN_REST);
  }

  /** The system does not say what changed. */
  #scanSoon(): void {
    this.#options.logger.debug('folder.events_missed');
    if (this.#scanIsDue) return;
    this.#scanIsDue = true;
    // During a scan there is no timer, and its end sees that another is due.
    if (this.#scanTimer !== undefined) this.#scanAfter(this.#options.settings.settleMs);
  }

  #scanAfter(restMs: number): void {
    this.#scanTimer?.cancel();
    if (this.#closing.signal.aborted) return;
    this.#scanTimer = this.#options.clock.setTimer(restMs, () => {
      this.#scanTimer = undefined;
      // A scan handles its own errors.
      void this.#scan();
    });
  }

  async #scanAll(): Promise<void> {
    const { own, onWarning } = this.#options;
    const warnings = new Map<string, readonly [ErrorCode, string]>();
    if (await this.#isThere()) {
      const walk = await this.#walk('');
      for (const [path, warning] of walk.warnings) warnings.set(path, warning);
      const isGone = (name: string) => !walk.files.has(name) && !walk.unlisted.some((start) => name.startsWith(start));
      if (!this.#closing.signal.aborted) for (const name of own.heldNames()) if (isGone(name)) this.notice(name);
    } else {
      warnings.set('', ['ERR_FOLDER', 'the shared folder is not there; what it held is not withdrawn']);
    }
    for (const [path, [code, message]] of warnings) if (!this.#warned.has(path)) onWarning(code, message);
    this.#warned = new Set(warnings.keys());
  }

  /** Whether the folder is the one the node was started on: an unmounted disk leaves an empty one. */
  async #isThere(): Promise<boolean> {
    const stat = await this.#options.disk.stat(PRIVATE_DIRECTORY).catch(() => undefined);
    return stat?.kind === 'directory';
  }

  #walk(directory: string): Promise<FolderWalk> {
    return walkFolder(directory, {
      disk: this.#options.disk,
      signal: this.#closing.signal,
      onDirectory: (path) => this.#watches.add(path),
      onFiles: (paths) => Promise.all(paths.map((path) => this.#compare(path))),
    });
  }

  /** Has a file looked at again, where it is not as it was; at the start, when nothing is waited for, read at once. */
  async #compare(name: string): Promise<void> {
    const stat = await lookAt(name, this.#options);
    if (stat === 'unknown' || this.#settling.has(name)) return;
    const facts = factsOf(stat);
    if (!this.#isKnown(name, facts)) (this.#isStarted || facts === undefined ? this.#looks : this.#hashes).add(name);
    else if (this.#lacksManifest(name)) this.#hashes.add(name);
  }

  #isKnown(name: string, facts: FileFacts | undefined): boolean {
    if (this.#unreadable.has(name) && sameFacts(facts, this.#unreadable.get(name))) return true;
    return sameFacts(facts, this.#options.own.holding(name)?.facts);
  }

  /** Whether nothing has to be read to know what a file holds and is made of. */
  #isEntered(name: string, facts: FileFacts | undefined): boolean {
    return this.#isKnown(name, facts) && !this.#lacksManifest(name);
  }

  #lacksManifest(name: string): boolean {
    return this.#options.own.lacksManifest(name) && !this.#described.has(name);
  }

  async #examine(name: string): Promise<void> {
    // Whoever places a file there says what it is: looked at before, it would be taken for one that somebody just wrote.
    await this.#options.locks.idle(name);
    const stat = await lookAt(name, this.#options);
    if (stat === 'unknown') return;
    if (stat?.kind === 'directory') {
      if (!this.#watches.has(name)) await this.#walk(name);
    } else if (this.#watches.has(name)) {
      this.#watches.remove(name);
      this.#noticeBelow(name);
    }
    const facts = factsOf(stat);
    if (this.#isKnown(name, facts)) this.#settling.forget(name);
    else if (this.#isStarted && !this.#settling.isAtRest(name, facts)) return;
    else if (facts === undefined) await this.#withdraw(name);
    else this.#hashes.add(name);
  }

  async #withdraw(name: string): Promise<void> {
    const { locks, own, logger } = this.#options;
    this.#unreadable.delete(name);
    await locks.run(name, async () => {
      const stat = await lookAt(name, this.#options);
      if (stat === 'unknown' || factsOf(stat) !== undefined || !(await this.#isThere())) return;
      own.removed(name);
      logger.debug('folder.file_removed', { name });
    });
  }

  /** Hashes a file and enters what it holds, unless it changes meanwhile. */
  async #enter(name: string): Promise<void> {
    const { contents, disk, locks, own, logger } = this.#options;
    const { signal } = this.#closing;
    // A scan may have found it again while it was hashed. Of what nothing is known that cannot be, and reading it tells all that a look would.
    if (own.holding(name) !== undefined || this.#unreadable.has(name)) {
      const stat = await lookAt(name, this.#options);
      if (stat === 'unknown' || this.#isEntered(name, factsOf(stat))) return;
    }
    try {
      const content = await contents.hashFile(name, { signal });
      await locks.run(name, async () => {
        const facts = factsOf(await disk.stat(name));
        // Where a placement came first, it has said what the file is.
        if (this.#isEntered(name, facts)) return;
        if (!sameFacts(facts, content.facts)) {
          this.#settling.disturb(name);
          return;
        }
        this.#described.add(name);
        own.changed(name, content);
        logger.debug('folder.file_entered', { name, checksum: content.checksum });
      });
    } catch (error) {
      if (!signal.aborted) await this.#giveUp(name, error);
    }
  }

  async #giveUp(name: string, error: unknown): Promise<void> {
    const code = errorCode(error) ?? 'ERR_DISK';
    if (code === 'ERR_FILE_CHANGED' || code === 'ERR_NOT_FOUND') {
      this.#settling.disturb(name);
      return;
    }
    const stat = await lookAt(name, this.#options);
    this.#unreadable.set(name, stat === 'unknown' ? undefined : factsOf(stat));
    this.#options.own.unreadable(name);
    // A folder that is too large is told of once, not for each file beyond.
    if (code === 'ERR_LIMIT' && this.#isFull) return;
    this.#isFull ||= code === 'ERR_LIMIT';
    this.#options.onWarning(code, `not shared: ${quote(name)}: ${toError(error).message}`);
  }
}
