import { KernelError, type Connection, type Listener, type Transport } from '../../src/kernel/index.ts';
import { override } from '../support/override.ts';
import {
  isLost,
  pending,
  turns,
  withConnections,
  withListener,
  withReceived,
  withSentFrames,
} from './breaking-transports.ts';
import type { Broken } from './expect-caught.ts';

export const brokenTransports: readonly Broken<Transport>[] = [
  {
    defect: 'loses every 100th frame',
    caughtBy: 'keeps the order of frames sent without waiting, each once',
    breakIt: withSentFrames(() => (frame, index) => (index % 100 === 99 ? [] : [frame])),
  },
  {
    defect: 'repeats every 100th frame',
    caughtBy: 'keeps the order of frames sent without waiting, each once',
    breakIt: withSentFrames(() => (frame, index) => (index % 100 === 99 ? [frame, frame] : [frame])),
  },
  {
    defect: 'swaps two frames now and then',
    caughtBy: 'carries frames in both directions at once',
    breakIt: withSentFrames(() => {
      let kept: Uint8Array[] = [];
      return (frame, index) => {
        if (index % 20 === 10) {
          kept = [frame.slice()];
          return [];
        }
        return [frame, ...kept.splice(0)];
      };
    }),
  },
  {
    defect: 'cuts the last byte off frames over 64 KiB',
    caughtBy: 'carries frames of every size from 0 to the maximum unchanged',
    breakIt: withSentFrames(() => (frame) => [frame.length > 65_536 ? frame.subarray(0, -1) : frame]),
  },
  {
    defect: 'skips empty frames',
    caughtBy: 'carries frames of every size from 0 to the maximum unchanged',
    breakIt: withSentFrames(() => (frame) => (frame.length === 0 ? [] : [frame])),
  },
  {
    defect: 'ends the connection at a frame over the maximum',
    caughtBy: 'refuses a frame over the maximum with ERR_FRAME_TOO_LARGE, and the connection lives',
    breakIt: withConnections((sound) => ({
      send: async (frame, options) => {
        const sending = sound.send(frame, options);
        sending.catch((error: unknown) => sound.abort(error as Error));
        await sending;
      },
    })),
  },
  {
    defect: 'cuts a frame over the maximum to the maximum',
    caughtBy: 'refuses a frame over the maximum with ERR_FRAME_TOO_LARGE, and the connection lives',
    breakIt: withSentFrames(() => (frame) => [frame.subarray(0, 1024 * 1024)]),
  },
  {
    defect: 'sends the frame only after it has resolved',
    caughtBy: 'leaves the frame to the caller once send has resolved',
    breakIt: withConnections((sound) => ({
      send: async (frame) => {
        // The promise is nobody's: that is the defect.
        void turns(50).then(() => sound.send(frame).catch(() => undefined));
      },
    })),
  },
  {
    defect: 'hands out one buffer again and again',
    caughtBy: 'carries frames in both directions at once',
    breakIt: withReceived((next) => {
      const shared = new Uint8Array(65_536);
      return async () => {
        const result = await next();
        if (result.done === true || result.value.length > shared.length) return result;
        shared.set(result.value, 1);
        return { done: false, value: shared.subarray(0, result.value.length) };
      };
    }),
  },
  {
    defect: 'buffers without bound',
    caughtBy: 'holds send back, with bounded memory, while the reader stops, and goes on when it reads',
    breakIt: withConnections((sound) => ({
      send: async (frame) => {
        void sound.send(frame).catch(() => undefined);
      },
    })),
  },
  {
    defect: 'never goes on after it held back',
    caughtBy: 'holds send back, with bounded memory, while the reader stops, and goes on when it reads',
    breakIt: withConnections((sound) => {
      let sent = 0;
      return { send: async (frame, options) => (sent++ < 3 ? sound.send(frame, options) : pending()) };
    }),
  },
  {
    defect: 'forgets a pending send when it is aborted',
    caughtBy: 'rejects a pending send with the reason of abort',
    breakIt: withConnections((sound) => ({ send: (frame, options) => sound.send(frame, options).catch(pending) })),
  },
  {
    defect: 'forgets a pending iteration when the connection ends',
    caughtBy: 'rejects a pending iteration with the reason of abort',
    breakIt: withReceived((next) => () => next().catch(pending)),
  },
  {
    defect: 'forgets a pending send when the peer is gone',
    caughtBy: 'rejects a pending send with ERR_CONNECTION_LOST when the peer aborts',
    breakIt: withConnections((sound) => ({
      send: (frame, options) =>
        sound.send(frame, options).catch((error: unknown) => (isLost(error) ? pending() : Promise.reject(error))),
    })),
  },
  {
    defect: 'forgets a pending close when the peer is gone',
    caughtBy: 'rejects a pending close with ERR_CONNECTION_LOST when the peer aborts',
    breakIt: withConnections((sound) => ({
      close: (options) =>
        sound.close(options).catch((error: unknown) => (isLost(error) ? pending() : Promise.reject(error))),
    })),
  },
  {
    defect: 'shows an abort as a clean end',
    caughtBy: 'tells an abort from a close: the peer sees ERR_CONNECTION_LOST',
    breakIt: withReceived(
      (next) => () =>
        next().catch((error: unknown) =>
          isLost(error) ? ({ done: true, value: undefined } as const) : Promise.reject(error),
        ),
    ),
  },
  {
    defect: 'drops what is on its way when it closes',
    caughtBy: "delivers all that was sent before close, then ends the peer's iteration",
    breakIt: withConnections((sound) => ({ close: async () => sound.abort(new Error('closed')) })),
  },
  {
    defect: 'resolves close before anything is delivered, and then gives up',
    caughtBy: 'delivers sends that were held back when close was called',
    breakIt: withConnections((sound) => ({
      close: async () => {
        const closing = sound.close();
        closing.catch(() => undefined);
        sound.abort(new Error('closed'));
      },
    })),
  },
  {
    defect: 'waits for ever for a peer that reads nothing',
    caughtBy: 'gives close up with ERR_CLOSE_TIMEOUT after 5 s where the peer reads nothing',
    breakIt: withConnections((sound) => ({ close: (options) => sound.close(options).catch(pending) })),
  },
  {
    defect: 'fails when it is closed twice',
    caughtBy: 'gives every call of close the same outcome',
    breakIt: withConnections((sound) => {
      let closed = false;
      return {
        close: async (options) => {
          if (closed) throw new KernelError('ERR_CLOSED', 'closed already');
          closed = true;
          return sound.close(options);
        },
      };
    }),
  },
  {
    defect: 'goes on to send after close',
    caughtBy: 'refuses to send after close with ERR_CLOSED',
    breakIt: withConnections((sound) => ({
      send: (frame, options) => sound.send(frame, options).catch(() => undefined),
    })),
  },
  {
    defect: 'hangs up on a peer that still sends',
    caughtBy: 'goes on to yield what the peer sends after our own close, until the peer closes',
    breakIt: withConnections((sound) => ({
      close: async (options) => {
        await sound.close(options);
        sound.abort(new Error('closed'));
      },
    })),
  },
  {
    defect: 'takes the last reason of abort for the first',
    caughtBy: 'rejects every call after abort with its first reason',
    breakIt: withConnections((sound) => {
      let last: Error | undefined;
      return {
        abort: (reason) => {
          last = reason;
          sound.abort(reason);
        },
        send: (frame, options) => sound.send(frame, options).catch((error: unknown) => Promise.reject(last ?? error)),
      };
    }),
  },
  {
    defect: 'ignores the signal of send',
    caughtBy: 'gives up a send that is held back by its signal: the frame comes whole or not at all',
    breakIt: withConnections((sound) => ({ send: (frame) => sound.send(frame) })),
  },
  {
    defect: 'ignores the signal of close',
    caughtBy: 'gives up a close by its signal',
    breakIt: withConnections((sound) => ({ close: () => sound.close() })),
  },
  {
    defect: 'keeps listening to a signal for ever',
    caughtBy: 'lets go of a signal when the call has settled',
    breakIt: withConnections((sound) => ({
      send: (frame, options) => {
        options?.signal?.addEventListener('abort', () => undefined);
        return sound.send(frame, options);
      },
    })),
  },
  {
    defect: 'ignores the signal of dial',
    caughtBy: 'gives up a dial by its signal, and the next dial succeeds',
    breakIt: (sound) => override(sound, { dial: (address) => sound.dial(address) }),
  },
  {
    defect: 'dials nobody for ever',
    caughtBy: 'rejects a dial to nobody with ERR_DIAL_FAILED',
    breakIt: (sound) => override(sound, { dial: (address, options) => sound.dial(address, options).catch(pending) }),
  },
  {
    defect: 'reports any failure of a dial without a code',
    caughtBy: 'rejects a dial to nobody with ERR_DIAL_FAILED',
    breakIt: (sound) =>
      override(sound, {
        dial: (address, options) =>
          sound.dial(address, options).catch(() => Promise.reject(new Error('connect ECONNREFUSED'))),
      }),
  },
  {
    defect: 'listens twice',
    caughtBy: 'rejects a second listen with ERR_ALREADY_LISTENING until the first listener is closed',
    breakIt: (sound) => {
      let first: Promise<Listener> | undefined;
      return override(sound, { listen: (address, options) => (first ??= sound.listen(address, options)) });
    },
  },
  {
    defect: 'makes an address of a host, and forgets the brackets of IPv6',
    caughtBy: 'takes its addresses apart and makes others of them, where it says how',
    breakIt: (sound) =>
      override(sound, {
        addressForm: { ...sound.addressForm!, join: (_, { host, port }) => `${host}:${port}` },
      }),
  },
  {
    defect: 'cannot leave the host of an address open',
    caughtBy: 'takes its addresses apart and makes others of them, where it says how',
    breakIt: (sound) =>
      override(sound, {
        addressForm: {
          ...sound.addressForm!,
          join: (address, at) => (at.host === '' ? address : sound.addressForm!.join(address, at)),
        },
      }),
  },
  {
    defect: 'takes everything for an address',
    caughtBy: 'parses addresses to one canonical form, and refuses nonsense with ERR_ADDRESS',
    breakIt: (sound) => override(sound, { parse: (text) => text }),
  },
  {
    defect: 'goes on to accept when its listener is closed',
    caughtBy: 'ends the accepting of a listener that is closed, once and for all',
    breakIt: withListener(() => ({ close: async () => undefined })),
  },
  {
    defect: 'ends open connections with the listener',
    caughtBy: 'keeps open connections alive when the listener is closed, and refuses new ones',
    breakIt: withListener((sound) => {
      const open: Connection[] = [];
      return {
        close: async () => {
          for (const connection of open) connection.abort(new Error('the listener was closed'));
          await sound.close();
        },
        [Symbol.asyncIterator]: async function* () {
          for await (const connection of sound) {
            open.push(connection);
            yield connection;
          }
        },
      };
    }),
  },
];
