import { Simulation, at } from './simulation.ts';

const MIB = 1024 * 1024;
const DATAGRAM = 1_200;
/** Beside the stream's bytes a datagram holds its type, its number, the connection's number, and where in the stream the bytes belong. */
const DATAGRAM_OVERHEAD = 16;
/** Sends 1 MiB in frames of a length over a link that loses nothing, and counts the datagrams of both ends until all has arrived. */
function countDatagrams(length: number) {
  const simulation = new Simulation(11, { delayMs: 10 });
  const frames = Array.from({ length: MIB / length }, (_, index) => new Uint8Array(length).fill(index));
  simulation.endpoint(1).accept();
  simulation.endpoint(2, frames).dial(at(1), simulation.now);
  expect(simulation.run(() => simulation.apps.size === 2, 1_000)).toBe(true);
  const receiver = [...simulation.apps.values()].find(({ connection }) => connection.remote.port === 2)!;
  const counts = { sent: 0, answered: 0 };
  simulation.tap = (transmit, { port }) => {
    counts[port === 2 ? 'sent' : 'answered'] += 1;
    return [transmit];
  };
  expect(simulation.run(() => receiver.received.length === frames.length, 60_000)).toBe(true);
  return counts;
}

describe('1 MiB by MRT over a link that loses nothing', () => {
  // Before each frame goes its length, of 2 bytes from 64 on and of 4 from 16 KiB on (RFC 9000, section 16). Datagrams that are not full go
  // where a window ends, and where the sender waits for more to send: with small frames more often.
  test.each([
    ['one frame of 1 MiB', MIB, 4, 1],
    ['frames of 64 KiB', 64 * 1024, 4, 1],
    ['frames of 1 KiB', 1_024, 2, 1],
    ['frames of 64 bytes', 64, 2, 4],
  ])('in %s fills its datagrams', (_name, length, lengthBytes, percentNotFull) => {
    const bytes = MIB + (MIB / length) * lengthBytes;
    const full = Math.ceil(bytes / (DATAGRAM - DATAGRAM_OVERHEAD));
    const { sent } = countDatagrams(length);
    expect(sent).toBeGreaterThan(bytes / DATAGRAM);
    expect(sent).toBeLessThanOrEqual(full * (1 + percentNotFull / 100));
  });

  test('is acknowledged by at most one datagram for two, as the receiver may', () => {
    const { sent, answered } = countDatagrams(64 * 1024);
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThanOrEqual(sent / 2);
  });
});

test('A message by MRT and its answer are one datagram each, acknowledgements and all', () => {
  const simulation = new Simulation(11, { delayMs: 1 });
  simulation.endpoint(1).accept();
  simulation.endpoint(2).dial(at(1), simulation.now);
  simulation.run(() => false, 1_000);
  const [dialler, acceptor] = [1, 2].map((port) =>
    [...simulation.apps.values()].find((app) => app.connection.remote.port === port)!,
  );
  const before = simulation.sentDatagrams;
  for (let count = 1; count <= 1_000; count += 1) {
    dialler!.send(new Uint8Array(64));
    simulation.run(() => acceptor!.received.length === count, 100);
    acceptor!.send(new Uint8Array(64));
    simulation.run(() => dialler!.received.length === count, 100);
  }
  expect(dialler!.received).toHaveLength(1_000);
  expect(simulation.sentDatagrams - before).toBe(2_000);
});
