import { Simulation, at } from './simulation.ts';
import { RecordingLogger } from '../../../support/recording-logger.ts';

const FRAME_LENGTH = 64 * 1024;
const DELAY_MS = 10;

/** Both ends of a clean link, one of them with frames to send. */
function sending(length: number, receiveWindow = 2 * 1024 * 1024) {
  const logger = new RecordingLogger();
  const simulation = new Simulation(11, { delayMs: DELAY_MS });
  const frames = Array.from({ length: length / FRAME_LENGTH }, (_, index) => new Uint8Array(FRAME_LENGTH).fill(index));
  simulation.endpoint(1, [], { receiveWindow }).accept();
  simulation.endpoint(2, frames, { receiveWindow, logger }).dial(at(1), simulation.now);
  expect(simulation.run(() => simulation.apps.size === 2, 1_000)).toBe(true);
  const apps = [...simulation.apps.values()];
  const near = apps.find((app) => app.connection.remote.port === 1)!;
  const far = apps.find((app) => app.connection.remote.port === 2)!;
  const hasAll = () => far.received.length === frames.length;
  return { simulation, near, far, hasAll, logger };
}

describe('a long MRT transfer', () => {
  test('moves many times its window in round trips, without waiting for a timer', () => {
    const window = 2 * FRAME_LENGTH;
    const { simulation, hasAll } = sending(32 * window, window);
    // Each frame that was read makes room for another: half a window in a round trip, once the sender is up to speed.
    const roundTrips = 2 * 32;
    expect(simulation.run(hasAll, 1.25 * roundTrips * 2 * DELAY_MS)).toBe(true);
  });

  test('goes on after its ten-thousandth packet, and sends nothing twice over a clean link', () => {
    const length = 16 * 1024 * 1024;
    const { simulation, near, far, hasAll, logger } = sending(length);
    let bytes = 0;
    simulation.tap = (transmit, source) => {
      if (source.port === 2) bytes += transmit.datagram.length;
      return [transmit];
    };
    expect(simulation.run(hasAll, 60_000)).toBe(true);
    expect(length / 1_200).toBeGreaterThan(10_000);
    expect(far.received.every((frame, index) => frame.length === FRAME_LENGTH && frame[0] === index % 256)).toBe(true);
    expect(bytes).toBeLessThan(length * 1.05);
    expect(logger.named('mrt.retransmit')).toEqual([]);
    expect(near.hasEnded).toBe(false);
  });

  test('is closed by both ends within three round trips of its last frame', () => {
    const { simulation, near, far, hasAll } = sending(1024 * 1024);
    near.close();
    expect(simulation.run(hasAll, 10_000)).toBe(true);
    far.close();
    expect(simulation.run(() => near.hasEnded && far.hasEnded, 3 * 2 * DELAY_MS)).toBe(true);
    expect([near.error, far.error]).toEqual([undefined, undefined]);
  });
});
