import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeProcess } from '../../../src/cli/node-process.ts';
import { eventually } from './eventually.ts';
import { writeRandomFile } from './files.ts';
import type { Nodes } from './start-node.ts';

const SHARED_FILE = 'shared.bin';
const SHARED_LENGTH = 1024 * 1024;
/** Between one GET and the next: time for those that attack. */
const PAUSE_MS = 50;

/** A node that is attacked, and two honest ones beside it, of which one fetches a file from it again and again all the while. */
export class Siege {
  readonly target: NodeProcess;
  readonly friends: readonly [NodeProcess, NodeProcess];
  readonly #logFile: string;
  readonly #fetching: Promise<void>;
  readonly #troubles: unknown[] = [];
  #fetched = 0;
  #rounds = 0;
  #isOver = false;

  private constructor(target: NodeProcess, friends: readonly [NodeProcess, NodeProcess], logFile: string) {
    this.target = target;
    this.friends = friends;
    this.#logFile = logFile;
    this.#fetching = this.#fetchOn();
  }

  /** Starts the three, the log of the target at `info`. */
  static async begin(nodes: Nodes): Promise<Siege> {
    const folder = await nodes.folder('target');
    const logFile = join(await nodes.folder('log'), 'target.log');
    await writeRandomFile(join(folder, SHARED_FILE), SHARED_LENGTH);
    const [target, friend, other] = await Promise.all([
      nodes.start({ folder, flags: ['--log-level', 'info', '--log-file', logFile] }),
      nodes.start(),
      nodes.start(),
    ]);
    for (const each of [friend, other]) await each.expect('added', `ADD ${target.address}`);
    return new Siege(target, [friend, other], logFile);
  }

  /** Ends the fetching; the processes are those of `nodes`. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#fetching;
  }

  /**
   * The two are neighbours of the target as they were from the start, all that was fetched came, and what is new in one folder is seen and
   * fetched through the target's word by the other.
   */
  async expectUnharmed(): Promise<void> {
    const [friend, other] = this.friends;
    const name = `round ${(this.#rounds += 1)}.txt`;
    await writeFile(join(other.folder, name), name);
    await eventually(async () => {
      const { files } = await friend.expect('listed', 'LIST');
      expect(files.find((file) => file.name === name)?.holders).toEqual([other.id]);
    });
    await friend.expect('received', `GET ${name}`);
    const before = this.#fetched;
    await eventually(() => expect(this.#fetched).toBeGreaterThan(before));
    expect(this.#troubles).toEqual([]);
    const ended = (await this.log()).filter((line) => line.includes(' direct.ended '));
    expect(ended.filter((line) => this.friends.some(({ id }) => line.includes(id)))).toEqual([]);
  }

  /** The lines of the target's log so far. */
  async log(): Promise<string[]> {
    return (await readFile(this.#logFile, 'utf8')).split('\n').slice(0, -1);
  }

  /** What came into the log since it had so many lines and is shown by default: warnings and errors. */
  async warningsSince(mark: number): Promise<string[]> {
    return (await this.log()).slice(mark).filter((line) => / (WARN|ERROR) /.test(line));
  }

  /** Waits for the warning of something that was done, and throws unless it is the only one. */
  async onlyWarningSince(mark: number): Promise<string> {
    await eventually(async () => expect(await this.warningsSince(mark)).not.toEqual([]));
    // What the same event caused besides is in the log when the target has answered a command after it.
    await this.target.expect('status', 'STATUS');
    const warnings = await this.warningsSince(mark);
    expect(warnings).toHaveLength(1);
    return warnings[0] ?? '';
  }

  /** Everything in the target's folder but its own private directory. */
  async targetHolds(): Promise<string[]> {
    return (await readdir(this.target.folder)).filter((name) => name !== '.peerhold').sort();
  }

  async #fetchOn(): Promise<void> {
    const [friend] = this.friends;
    while (!this.#isOver) {
      try {
        await friend.expect('received', `GET ${SHARED_FILE}`);
        this.#fetched += 1;
      } catch (error) {
        this.#troubles.push(error);
      }
      await rm(join(friend.folder, SHARED_FILE), { force: true });
      await sleep(PAUSE_MS);
    }
  }
}
