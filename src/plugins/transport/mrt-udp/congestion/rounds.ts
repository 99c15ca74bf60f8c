/** The highest of the values seen in this and the last period; the owner says when a period ends. */
export class TwoPeriodMax {
  #last = 0;
  #current = 0;

  get max(): number {
    return Math.max(this.#last, this.#current);
  }

  update(value: number): void {
    this.#current = Math.max(this.#current, value);
  }

  endPeriod(): void {
    this.#last = this.#current;
    this.#current = 0;
  }
}

/** Counts round trips: one is over when a packet is acknowledged that was sent after the one before was over. */
export class RoundCounter {
  #count = 0;
  #endsAt = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns whether a round begins with this acknowledgement. */
  onAck({ delivered, priorDelivered }: { readonly delivered: number; readonly priorDelivered: number }): boolean {
    if (priorDelivered < this.#endsAt) return false;
    this.#endsAt = delivered;
    this.#count += 1;
    return true;
  }
}
