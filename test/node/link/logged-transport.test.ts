import type { LogLevel, Session } from '../../../src/kernel/index.ts';
import { logged } from '../../../src/node/link/logged-transport.ts';
import { RecordingLogger, type RecordedEvent } from '../../support/recording-logger.ts';
import { LinkWorld, identityOf } from './link-world.ts';

const HERE = '10.0.0.1:7000';

class QuietLogger extends RecordingLogger {
  override isEnabled(level?: LogLevel): boolean {
    return level !== 'trace';
  }
  override child(): RecordingLogger {
    return this;
  }
}

async function scene(
  logger = new RecordingLogger(),
  describeFrame = (frame: Uint8Array) => ({ type: `T${frame[0]}` }),
) {
  const world = new LinkWorld();
  const listener = await world.node({ identity: identityOf(31) }).listen(HERE);
  const dialler = logged(world.node({ identity: identityOf(32) }), { logger, describe: describeFrame });
  const near = await dialler.dial(HERE);
  const { value: far } = (await listener[Symbol.asyncIterator]().next()) as { value: Session };
  return {
    world,
    logger,
    dialler,
    near,
    far,
    frames: { near: near[Symbol.asyncIterator](), far: far[Symbol.asyncIterator]() },
  };
}

const names = (events: readonly RecordedEvent[]) => events.map(({ event }) => event);

describe('the log of a session transport', () => {
  test('tells of frames in and out, in order, with type, size and peer, and never what is in them', async () => {
    const { logger, near, far, frames } = await scene();
    await near.send(Uint8Array.of(1, 201, 202));
    await far.send(Uint8Array.of(2, 203));
    await frames.near.next();
    const told = logger.events.filter(({ level }) => level === 'trace');
    const whom = { peer: identityOf(31).id, connection: 1, remote: HERE };
    expect(told).toEqual([
      { level: 'trace', event: 'frame.out', fields: { ...whom, type: 'T1', size: 3 } },
      { level: 'trace', event: 'frame.in', fields: { ...whom, type: 'T2', size: 2 } },
    ]);
    expect(JSON.stringify(logger.events)).not.toMatch(/20[123]/);
  });

  test('tells of a session from opening to close', async () => {
    const { logger, near, far, frames } = await scene();
    await near.close();
    await far.close();
    await frames.near.next();
    expect(names(logger.events)).toEqual(['connection.opened', 'connection.closed', 'connection.ended']);
    expect(logger.events[0]!.fields).toMatchObject({ direction: 'out', authenticated: true });
  });

  test('tells once, with the code, of a session that was aborted or lost', async () => {
    const { logger, near, far, frames } = await scene();
    far.abort(new Error('gone'));
    await expect(frames.near.next()).rejects.toThrow();
    await expect(near.close()).rejects.toThrow();
    near.abort(new Error('too late'));
    expect(names(logger.events)).toEqual(['connection.opened', 'connection.failed']);
    expect(logger.events[1]).toMatchObject({ level: 'info', fields: { code: 'ERR_CONNECTION_LOST' } });
  });

  test('tells of a frame that did not go', async () => {
    const { logger, near } = await scene();
    await expect(near.send(new Uint8Array(2 ** 21))).rejects.toThrow();
    expect(logger.named('frame.unsent')).toMatchObject([{ fields: { code: 'ERR_FRAME_TOO_LARGE', size: 2 ** 21 } }]);
  });

  test('tells of a frame that cannot be described', async () => {
    const { logger, near } = await scene(undefined, () => {
      throw new Error('malformed');
    });
    await near.send(Uint8Array.of(1));
    expect(logger.named('frame.out')).toMatchObject([{ fields: { type: 'malformed', size: 1 } }]);
  });

  test('tells of a dial that failed', async () => {
    const { logger, dialler } = await scene();
    await expect(dialler.dial('10.0.0.9:1')).rejects.toThrow();
    expect(logger.named('dial.failed')).toMatchObject([{ fields: { address: '10.0.0.9:1', code: 'ERR_DIAL_FAILED' } }]);
  });

  test('tells of a listener, and numbers what it accepts', async () => {
    const world = new LinkWorld();
    const logger = new RecordingLogger();
    const node = logged(world.node(), { logger, describe: () => ({ type: 'T' }) });
    const listener = await node.listen(HERE);
    for (let dial = 0; dial < 2; dial++) {
      await world.node().dial(HERE);
      await listener[Symbol.asyncIterator]().next();
    }
    await listener.close();
    expect(names(logger.events)).toEqual([
      'listener.opened',
      'connection.opened',
      'connection.opened',
      'listener.closed',
    ]);
    expect(logger.named('connection.opened').map(({ fields }) => [fields['connection'], fields['direction']])).toEqual([
      [1, 'in'],
      [2, 'in'],
    ]);
  });

  test('looks at no frame where the level is off', async () => {
    let looked = 0;
    const { near, logger } = await scene(new QuietLogger(), () => {
      looked++;
      return { type: 'T' };
    });
    await near.send(Uint8Array.of(1));
    expect(looked).toBe(0);
    expect(logger.named('frame.out')).toHaveLength(0);
  });
});
