import { KernelError } from '../../../src/kernel/index.ts';
import { Tunnel } from '../../../src/node/overlay/tunnel.ts';
import { TUNNEL_FRAME_LENGTH } from '../../../src/node/transfer/transfer-peers.ts';
import { FakeSession } from '../../support/fake-session.ts';

const frame = (byte: number) => new Uint8Array([byte]);
const lost = new KernelError('ERR_CONNECTION_LOST', 'the test broke it');

function make() {
  let wakes = 0;
  const session = new FakeSession('a'.repeat(32));
  const tunnel = new Tunnel({ session, wake: () => (wakes += 1) });
  return { tunnel, session, wakes: () => wakes };
}

async function readInto(bytes: number[], tunnel: Tunnel): Promise<void> {
  for await (const [byte] of tunnel) bytes.push(byte as number);
}

const LIMIT = expect.objectContaining({ code: 'ERR_LIMIT' }) as Error;

describe('a tunnel', () => {
  test('wakes its connection, and a send resolves when the connection has sent the frame', async () => {
    const { tunnel, wakes } = make();
    let sent = false;
    const sending = tunnel.send(frame(1)).then(() => (sent = true));
    expect(wakes()).toBe(1);
    const outgoing = tunnel.takeOutgoing();
    expect(outgoing?.frame).toEqual(frame(1));
    expect(sent).toBe(false);
    outgoing?.sent();
    await sending;
  });

  test('gives its frames to the connection in order', () => {
    const { tunnel } = make();
    for (const byte of [1, 2, 3]) void tunnel.send(frame(byte)).catch(() => undefined);
    expect([1, 2, 3].map(() => tunnel.takeOutgoing()?.frame[0])).toEqual([1, 2, 3]);
    expect(tunnel.takeOutgoing()).toBeUndefined();
  });

  test('yields what is delivered, in order, then why it ended', async () => {
    const { tunnel } = make();
    tunnel.deliver(frame(1));
    tunnel.deliver(frame(2));
    tunnel.abort(lost);
    tunnel.deliver(frame(3));
    const bytes: number[] = [];
    await expect(readInto(bytes, tunnel)).rejects.toBe(lost);
    expect(bytes).toEqual([1, 2]);
  });

  test('refuses a frame that a heartbeat would have to wait for', async () => {
    const { tunnel } = make();
    await expect(tunnel.send(new Uint8Array(TUNNEL_FRAME_LENGTH + 1))).rejects.toMatchObject({
      code: 'ERR_FRAME_TOO_LARGE',
    });
  });

  test('fails a peer that sends on and on while nobody takes it', () => {
    const { tunnel } = make();
    const large = new Uint8Array(1024 * 1024);
    for (let count = 0; count < 16; count++) tunnel.deliver(large);
    expect(() => tunnel.deliver(large)).toThrow(LIMIT);
  });

  test('has room again for what was taken', async () => {
    const { tunnel } = make();
    const large = new Uint8Array(1024 * 1024);
    const frames = tunnel[Symbol.asyncIterator]();
    for (let count = 0; count < 40; count++) {
      tunnel.deliver(large);
      await frames.next();
    }
  });

  test('fails every send that waits when it is aborted, and every later one', async () => {
    const { tunnel } = make();
    const waiting = expect(tunnel.send(frame(1))).rejects.toBe(lost);
    tunnel.abort(lost);
    await waiting;
    await expect(tunnel.send(frame(2))).rejects.toBe(lost);
    expect(tunnel.takeOutgoing()).toBeUndefined();
  });

  test('delivers before it closes', async () => {
    const { tunnel } = make();
    let closed = false;
    const sending = tunnel.send(frame(1));
    const closing = tunnel.close().then(() => (closed = true));
    await Promise.resolve();
    expect(closed).toBe(false);
    tunnel.takeOutgoing()?.sent();
    await sending;
    await closing;
  });

  test('leaves its connection alone when it ends', async () => {
    const { tunnel, session } = make();
    await tunnel.close();
    expect([session.closed, session.abortedWith]).toEqual([false, undefined]);
  });

  test('lets go of a sender that gives up', async () => {
    const { tunnel } = make();
    const giveUp = new AbortController();
    const sending = expect(tunnel.send(frame(1), { signal: giveUp.signal })).rejects.toBe(lost);
    giveUp.abort(lost);
    await sending;
  });
});
