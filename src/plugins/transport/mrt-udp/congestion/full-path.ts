/** The path is full when the bandwidth grew less than this in each of that many rounds. */
const GROWTH = 1.25;
const ROUNDS = 3;

/** Tells when the start has filled the path: more in flight no longer moves more (draft-ietf-ccwg-bbr, section 4.3.1.2). */
export class FullPath {
  #isFull = false;
  #bandwidth = 0;
  #rounds = 0;

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Something else shows that no more fits. */
  fill(): void {
    this.#isFull = true;
  }

  /** A round is over, in which there was always more to send. @param bandwidth the highest so far. */
  onRound(bandwidth: number): void {
    if (bandwidth >= this.#bandwidth * GROWTH) {
      this.#bandwidth = bandwidth;
      this.#rounds = 0;
      return;
    }
    this.#rounds += 1;
    this.#isFull ||= this.#rounds >= ROUNDS;
  }
}
