import type { NodeId } from '../../kernel/index.ts';
import type { OverlayFiles } from '../overlay/overlay.ts';
import type { FileStatement } from '../records.ts';

/** The files of the network as the overlay sees them, and somebody who hears of each statement that is news. */
export class NoticingIndex implements OverlayFiles {
  readonly #files: OverlayFiles;
  readonly #onNews: (name: string) => void;

  constructor(files: OverlayFiles, onNews: (name: string) => void) {
    this.#files = files;
    this.#onNews = onNews;
  }

  apply(statement: FileStatement): boolean {
    const isNews = this.#files.apply(statement);
    if (isNews) this.#onNews(statement.record.name);
    return isNews;
  }

  statementsOf(origin: NodeId): Iterable<FileStatement> {
    return this.#files.statementsOf(origin);
  }

  holdingsOf(origin: NodeId): { readonly bytes: number } {
    return this.#files.holdingsOf(origin);
  }

  forget(origin: NodeId): void {
    this.#files.forget(origin);
  }
}
