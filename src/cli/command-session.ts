import type { TransferProgress } from '../node/api.ts';
import { parseCommand, type Command, type NodeCommand } from './command.ts';
import { errorEvent, type CommandResult, type OutputEvent } from './events.ts';
import { executeCommand } from './execute-command.ts';
import type { RunningNode } from './running-node.ts';

export interface CommandSessionOptions {
  readonly running: RunningNode;
  /** Takes every event of the session's commands. */
  readonly emit: (event: OutputEvent) => void;
  /** Whether BYE lets running transfers end first, as the last line of a script would expect, instead of giving them up. */
  readonly patient: boolean;
  /** Told of the transfers of a command; `undefined` when the command has ended. */
  readonly onProgress?: (command: number, line: string, progress: TransferProgress | undefined) => void;
}

/**
 * Numbers the lines of one input and carries them out. Lines begin in their order, each when those before it are done; GET and SEND go
 * on beside what follows them. Every line ends in exactly one final event.
 */
export class CommandSession {
  readonly #options: CommandSessionOptions;
  /** Commands under way, by number. */
  readonly #executing = new Map<number, Promise<void>>();
  readonly #leave: () => void;
  #lines = 0;
  #waiting = 0;
  #inOrder: Promise<void> = Promise.resolve();

  constructor(options: CommandSessionOptions) {
    this.#options = options;
    this.#leave = options.running.join(() => this.#executed());
  }

  /** Lines that have not got their final event. */
  get pending(): number {
    return this.#waiting + this.#executing.size;
  }

  /** Takes a line; its number is the count of lines so far. */
  submit(line: string): void {
    const command = (this.#lines += 1);
    this.#waiting += 1;
    this.#inOrder = this.#inOrder.then(async () => {
      this.#waiting -= 1;
      await this.#take(command, line);
    });
  }

  /** Counts a line that could not be read, and answers it with the error. */
  refuse(error: Error): void {
    const command = (this.#lines += 1);
    this.#waiting += 1;
    this.#inOrder = this.#inOrder.then(() => {
      this.#waiting -= 1;
      this.#end(command, errorEvent(error));
    });
  }

  /** Resolves when every line taken so far has got its final event. */
  async settled(): Promise<void> {
    await this.#inOrder;
    await this.#executed();
  }

  /** Ends the session, when its lines have ended. */
  async close(): Promise<void> {
    await this.settled();
    this.#leave();
  }

  async #executed(): Promise<void> {
    while (this.#executing.size > 0) await Promise.all(this.#executing.values());
  }

  async #take(number: number, line: string): Promise<void> {
    let command: Command;
    try {
      command = parseCommand(line);
    } catch (error) {
      this.#end(number, errorEvent(error));
      return;
    }
    if (command.type === 'BYE') return this.#bye(number);
    const execution = this.#execute(number, line, command);
    this.#executing.set(number, execution);
    const runsBeside = command.type === 'GET' || command.type === 'SEND';
    if (!runsBeside) await execution;
  }

  async #execute(number: number, line: string, command: NodeCommand): Promise<void> {
    const { running, onProgress } = this.#options;
    let result: CommandResult;
    try {
      result = await executeCommand(command, running.node, {
        signal: running.leaving,
        onProgress: (progress) => onProgress?.(number, line, progress),
        emit: (event) => this.#options.emit({ ...event, command: number }),
      });
    } catch (error) {
      result = errorEvent(error);
    }
    onProgress?.(number, line, undefined);
    this.#executing.delete(number);
    this.#end(number, result);
  }

  async #bye(number: number): Promise<void> {
    if (this.#options.patient) await this.#executed();
    try {
      await this.#options.running.leave();
      this.#end(number, { event: 'closed' });
    } catch (error) {
      this.#end(number, errorEvent(error));
    }
  }

  #end(command: number, result: CommandResult): void {
    this.#options.emit({ ...result, command });
  }
}
