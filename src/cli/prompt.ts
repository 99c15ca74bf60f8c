import { clearScreenDown, createInterface, cursorTo, moveCursor, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Clock, Timer } from '../kernel/index.ts';
import type { TransferProgress } from '../node/api.ts';
import { CommandSession } from './command-session.ts';
import { complete } from './complete.ts';
import { displayRows } from './display-width.ts';
import type { Announcement, OutputEvent } from './events.ts';
import { presentText } from './present-text.ts';
import { progressLine } from './progress-line.ts';
import type { RunningNode } from './running-node.ts';
import { TransferMeter } from './transfer-meter.ts';

const PROMPT = '> ';
const REDRAW_MS = 100;

export interface PromptOptions {
  readonly running: RunningNode;
  readonly clock: Clock;
  readonly input: Readable;
  readonly output: Writable & { readonly columns?: number };
  /** Called for each Ctrl-C. */
  readonly interrupt: () => void;
}

interface Transfer {
  readonly line: string;
  readonly meter: TransferMeter;
}

/**
 * Commands from a person at a terminal: completion of commands and file names, history, a bar for each running GET and SEND. Whatever is
 * printed appears above the line being typed. The end of the input (Ctrl-D) is BYE.
 */
export class Prompt {
  readonly #options: PromptOptions;
  readonly #session: CommandSession;
  readonly #readline: Interface;
  readonly #unsubscribe: () => void;
  readonly #transfers = new Map<number, Transfer>();
  #redraw: Timer | undefined;
  /** The bars that stand above the prompt now. */
  #barsShown: readonly string[] = [];
  #open = true;
  #saidClosed = false;

  constructor(options: PromptOptions) {
    const { running, input, output } = options;
    this.#options = options;
    this.#readline = createInterface({
      input,
      output,
      terminal: true,
      prompt: PROMPT,
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, callback: (error: null, completions: [string[], string]) => void) => {
        // A completion that fails completes nothing.
        complete(line, running.node).then(
          (completions) => callback(null, completions),
          () => callback(null, [[], line]),
        );
      },
    });
    this.#session = new CommandSession({
      running,
      patient: false,
      emit: (event) => this.#say(event),
      onProgress: (command, line, progress) => this.#progress(command, line, progress),
    });
    this.#readline.on('line', (line) => this.#take(line));
    this.#readline.on('SIGINT', options.interrupt);
    // Ctrl-D, or the terminal is gone. The outcome of leaving is reported by whoever started the node.
    this.#readline.on('close', () => void running.leave().catch(() => undefined));
    this.#unsubscribe = running.subscribe((event) => this.#say(event));
    this.#say(running.ready);
  }

  /** Prints text, which ends its last line itself, above the line being typed. */
  print(text: string): void {
    if (this.#open) this.#draw(text);
    else this.#options.output.write(text);
  }

  /** Lets running commands have their answers, says bye and gives the terminal back. */
  async close(): Promise<void> {
    await this.#session.close();
    this.#unsubscribe();
    if (this.#options.running.leaving.aborted && !this.#saidClosed) this.#say({ event: 'closed' });
    this.#redraw?.cancel();
    this.#erase();
    this.#open = false;
    this.#readline.close();
  }

  #take(line: string): void {
    if (this.#barsShown.length > 0) this.#liftTyped(line);
    if (line.trim() !== '') this.#session.submit(line);
    this.#draw('');
  }

  #say(event: OutputEvent | Announcement): void {
    this.#saidClosed ||= event.event === 'closed';
    this.print(`${presentText(event)}\n`);
  }

  #progress(command: number, line: string, progress: TransferProgress | undefined): void {
    if (progress === undefined) {
      this.#transfers.delete(command);
      return;
    }
    const now = this.#options.clock.now();
    const transfer = this.#transfers.get(command);
    if (transfer === undefined) this.#transfers.set(command, { line, meter: new TransferMeter(progress, now) });
    else transfer.meter.take(progress, now);
    this.#redraw ??= this.#options.clock.setTimer(REDRAW_MS, () => {
      this.#redraw = undefined;
      if (this.#open) this.#draw('');
    });
  }

  #draw(text: string): void {
    const rows = this.#erase();
    const bars = this.#bars();
    this.#barsShown = bars;
    // Readline, told to draw its line anew, first goes up as many rows as its cursor was below the line's first.
    this.#options.output.write([text, ...bars.map((bar) => `${bar}\n`), '\n'.repeat(rows)].join(''));
    this.#readline.prompt(true);
  }

  #bars(): string[] {
    const { clock } = this.#options;
    const now = clock.now();
    return [...this.#transfers.values()].map(({ line, meter }) =>
      progressLine({ line, figures: meter.figures(now) }, this.#columns),
    );
  }

  get #columns(): number {
    // Where the size is not known, some terminals say 0.
    return this.#options.output.columns || 80;
  }

  /** Clears the prompt and the bars above it; returns how many rows below its first one the typed line had its cursor. */
  #erase(): number {
    const { rows } = this.#readline.getCursorPos();
    this.#clearFrom(rows);
    return rows;
  }

  /** Moves a line that was just entered above the bars, where what is done with belongs. */
  #liftTyped(line: string): void {
    this.#clearFrom(displayRows(PROMPT + line, this.#columns));
    this.#options.output.write(`${PROMPT}${line}\n`);
  }

  /** Clears the rows of the typed line and the bars above it; a terminal that became narrower has broken these into more rows. */
  #clearFrom(typedRows: number): void {
    const { output } = this.#options;
    const barRows = this.#barsShown.reduce((rows, bar) => rows + displayRows(bar, this.#columns), 0);
    moveCursor(output, 0, -(typedRows + barRows));
    cursorTo(output, 0);
    clearScreenDown(output);
    this.#barsShown = [];
  }
}
