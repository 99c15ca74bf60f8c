import { KernelError, type Address, type Listener } from '../kernel/index.ts';

/** The place of a transport's one listener: taken from when `listen` begins until it fails or the listener is closed. */
export class ListenerPlace {
  #isTaken = false;

  /**
   * Opens a listener by `open`, which sees to it that `leave` is called when the listener closes.
   *
   * @throws ERR_ALREADY_LISTENING where the place is taken, or what `open` throws.
   */
  async take(address: Address, open: (leave: () => void) => Promise<Listener>): Promise<Listener> {
    if (this.#isTaken) {
      const text = `this transport listens already, and cannot listen on ${address} too`;
      throw new KernelError('ERR_ALREADY_LISTENING', text);
    }
    this.#isTaken = true;
    const leave = () => {
      this.#isTaken = false;
    };
    try {
      return await open(leave);
    } catch (error) {
      leave();
      throw error;
    }
  }
}
