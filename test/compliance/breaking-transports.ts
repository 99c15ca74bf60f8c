import { KernelError, type Connection, type Listener, type Transport } from '../../src/kernel/index.ts';
import { override } from '../support/override.ts';

/** Makes a sound transport wrong. */
export type Breaking = (sound: Transport) => Transport;

/** Never settles. */
export function pending(): Promise<never> {
  return new Promise(() => undefined);
}

/** Lets other promises go first. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

export function isLost(error: unknown): boolean {
  return error instanceof KernelError && error.code === 'ERR_CONNECTION_LOST';
}

/** Changes every connection, dialled or accepted. */
export function withConnections(changes: (sound: Connection) => Partial<Connection>): Breaking {
  const wrap = (sound: Connection) => override(sound, changes(sound));
  return (sound) =>
    override(withAccepted(sound, wrap), {
      dial: async (address, options) => wrap(await sound.dial(address, options)),
    });
}

function withAccepted(sound: Transport, wrap: (connection: Connection) => Connection): Transport {
  return withListener((listener) => ({
    [Symbol.asyncIterator]: async function* () {
      for await (const connection of listener) yield wrap(connection);
    },
  }))(sound);
}

export function withListener(changes: (sound: Listener) => Partial<Listener>): Breaking {
  return (sound) =>
    override(sound, {
      listen: async (address, options) => {
        const listener = await sound.listen(address, options);
        return override(listener, changes(listener));
      },
    });
}

type FrameChange = (frame: Uint8Array, index: number) => readonly Uint8Array[];

/** Turns the frames that each connection sends into others. */
export function withSentFrames(makeChange: () => FrameChange): Breaking {
  return withConnections((sound) => {
    const change = makeChange();
    let index = 0;
    return {
      send: async (frame, options) => {
        await Promise.all(change(frame, index++).map((each) => sound.send(each, options)));
      },
    };
  });
}

type Next = () => Promise<IteratorResult<Uint8Array>>;

/** Changes how each connection is iterated. */
export function withReceived(change: (next: Next) => Next): Breaking {
  return withConnections((sound) => ({
    [Symbol.asyncIterator]: () => {
      const iterator = sound[Symbol.asyncIterator]();
      return { next: change(() => iterator.next()) };
    },
  }));
}
