/** A promise that never settles: what a dead process hears of anything. A new one for each: a shared one would hold on to all who ever awaited it. */
export function never(): Promise<never> {
  return new Promise(() => undefined);
}
