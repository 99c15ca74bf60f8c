import { errorCode } from '../../../../src/kernel/index.ts';
import { seededRandom } from '../../../../src/kit/seeded-random.ts';
import type { Transmit } from '../../../../src/plugins/transport/mrt-udp/connection-options.ts';
import { packetOf } from '../../../../src/plugins/transport/mrt-udp/handshake-packets.ts';
import { NO_CONNECTION, decodePacket, type Packet } from '../../../../src/plugins/transport/mrt-udp/packet.ts';
import { RetryTokens } from '../../../../src/plugins/transport/mrt-udp/retry-tokens.ts';
import { RecordingLogger } from '../../../support/recording-logger.ts';
import { Simulation, at } from './simulation.ts';

const never = () => false;
const random = seededRandom(3);

function initial(): Uint8Array {
  const sender = Buffer.from(random.bytes(8)).toString('hex');
  const hello = { sender, resetToken: random.bytes(16), window: 1_000_000, maxDatagram: 1_200, answers: 0 };
  const header = { type: 'initial', receiver: NO_CONNECTION, number: 0 } as const;
  return packetOf(header, { type: 'hello', ...hello, retryToken: new Uint8Array() });
}

/** An accepting endpoint, and what it sends to whom. */
function accepting(options = {}) {
  const simulation = new Simulation(5, { delayMs: 1 });
  const endpoint = simulation.endpoint(1, [], options);
  endpoint.accept();
  const answers: Transmit[] = [];
  simulation.tap = (transmit, source) => {
    if (source.port === 1) answers.push(transmit);
    return [transmit];
  };
  const ask = (datagram: Uint8Array, port: number) => {
    simulation.inject({ datagram: new Uint8Array(datagram), destination: at(1) }, at(port));
    simulation.run(never, 2);
  };
  return { simulation, endpoint, answers, ask };
}

const typeOf = ({ datagram }: Transmit) => (decodePacket(datagram) as Packet).type;

describe('the MRT handshake', () => {
  test('answers an Initial with less than was asked', () => {
    const { answers, ask } = accepting();
    ask(initial(), 50);
    expect(answers.map(typeOf)).toEqual(['handshake']);
    expect(answers[0]!.datagram.length).toBeLessThan(1_200);
  });

  test('leaves an Initial unanswered that is not padded', () => {
    const { answers, ask } = accepting();
    const datagram = packetOf({ type: 'handshake', receiver: NO_CONNECTION, number: 0 }, { type: 'ping' });
    ask(datagram, 50);
    expect(answers).toEqual([]);
  });

  test('repeats its answer to a repeated Initial, a bounded number of times, and keeps one entry', () => {
    const { simulation, answers, ask } = accepting();
    const datagram = initial();
    for (let copy = 0; copy < 100; copy += 1) ask(datagram, 50);
    expect(answers.length).toBe(16);
    expect(simulation.apps.size).toBe(0);
  });

  test('asks sources for a token above the limit of half-open handshakes, and lets those in who echo it', () => {
    const { simulation, answers, ask } = accepting({ halfOpen: 4 });
    for (let port = 100; port < 300; port += 1) ask(initial(), port);
    expect(answers.slice(0, 4).map(typeOf)).toEqual(['handshake', 'handshake', 'handshake', 'handshake']);
    expect(new Set(answers.slice(4).map(typeOf))).toEqual(new Set(['retry']));
    simulation.endpoint(2).dial(at(1), simulation.now);
    expect(simulation.run(() => simulation.apps.size === 2, 1_000)).toBe(true);
  });

  test('forgets half-open handshakes after 5 s', () => {
    const { simulation, endpoint, ask } = accepting();
    ask(initial(), 50);
    expect(endpoint.pollTimeout()).toBeLessThan(Infinity);
    simulation.run(never, 5_001);
    expect(endpoint.pollTimeout()).toBe(Infinity);
  });

  test('makes no second connection of an Initial that is replayed after the connection opened', () => {
    const { simulation } = accepting();
    const seen: Transmit[] = [];
    simulation.tap = (transmit, source) => {
      if (source.port === 2 && transmit.datagram.length === 1_200)
        seen.push({ ...transmit, datagram: new Uint8Array(transmit.datagram) });
      return [transmit];
    };
    simulation.endpoint(2).dial(at(1), simulation.now);
    simulation.run(() => simulation.apps.size === 2, 1_000);
    for (let copy = 0; copy < 50; copy += 1) simulation.inject(seen[0]!, at(2));
    simulation.run(never, 1_000);
    expect(simulation.apps.size).toBe(2);
  });

  test('succeeds where the Initial, the answer and the proof are each lost once', () => {
    const simulation = new Simulation(5, { delayMs: 10 });
    simulation.endpoint(1).accept();
    const lost = new Set<string>();
    simulation.tap = (transmit) => {
      const type = typeOf(transmit);
      if (lost.has(type)) return [transmit];
      lost.add(type);
      return [];
    };
    simulation.endpoint(2).dial(at(1), simulation.now);
    expect(simulation.run(() => simulation.apps.size === 2, 5_000)).toBe(true);
    expect([...lost]).toEqual(['initial', 'handshake', 'data']);
  });

  test('fails with ERR_DIAL_FAILED when nobody answers, in the time allowed', () => {
    const simulation = new Simulation(5, { delayMs: 10 });
    simulation.endpoint(2, [], { dialTimeoutMs: 5_000 }).dial(at(1), simulation.now);
    expect(simulation.run(() => simulation.failures.length > 0, 5_000)).toBe(true);
    expect(errorCode(simulation.failures[0])).toBe('ERR_DIAL_FAILED');
  });

  test('fails with ERR_TRANSPORT_DIFFERS, saying what the answer looks like, when something else answers', () => {
    const simulation = new Simulation(5, { delayMs: 10 });
    simulation.endpoint(2, [], { dialTimeoutMs: 5_000 }).dial(at(1), simulation.now);
    simulation.inject({ datagram: Buffer.from('HTTP/1.1 400'), destination: at(2) }, at(1));
    simulation.run(() => simulation.failures.length > 0, 5_000);
    expect(errorCode(simulation.failures[0])).toBe('ERR_TRANSPORT_DIFFERS');
    expect(simulation.failures[0]!.message).toContain('the answer looks like HTTP');
  });

  test('fails at once where the other side does not accept, or has too many connections', () => {
    for (const options of [{ halfOpen: 64 }, { maxConnections: 1 }]) {
      const simulation = new Simulation(5, { delayMs: 10 });
      const acceptor = simulation.endpoint(1, [], options);
      if ('maxConnections' in options) acceptor.accept();
      simulation.endpoint(2).dial(at(1), simulation.now);
      simulation.run(() => simulation.apps.size === 2 || simulation.failures.length > 0, 1_000);
      simulation.endpoint(3).dial(at(1), simulation.now);
      simulation.run(never, 1_000);
      expect(errorCode(simulation.failures.at(-1))).toBe('ERR_DIAL_FAILED');
    }
  });

  test('logs one line a minute and source for datagrams that are noise, and none of them harms', () => {
    const logger = new RecordingLogger();
    const { simulation, endpoint, answers } = accepting({ logger });
    for (let index = 0; index < 500; index += 1) {
      simulation.inject({ datagram: random.bytes(index % 60), destination: at(1) }, at(1_000 + index));
    }
    simulation.run(never, 1_000);
    expect(logger.events.filter(({ event }) => event === 'mrt.packet.dropped')).toHaveLength(1);
    expect([endpoint.dropped, answers.length]).toEqual([500, 0]);
  });

  test('logs few lines a minute for noise whose sources are forged', () => {
    const logger = new RecordingLogger();
    const { simulation } = accepting({ logger });
    for (let host = 0; host < 250; host += 1) {
      simulation.inject({ datagram: random.bytes(30), destination: at(1) }, { ip: `10.9.9.${host}`, port: 9 });
    }
    simulation.run(never, 1_000);
    expect(logger.events.filter(({ event }) => event === 'mrt.packet.dropped')).toHaveLength(17);
  });
});

describe('retry tokens', () => {
  const tokens = new RetryTokens(seededRandom(1));
  const dialler = '0102030405060708';
  const token = tokens.issue(at(1), dialler, 100);

  test('are good for their source, connection and time only', () => {
    expect(tokens.isValid(token, at(1), dialler, 200)).toBe(true);
    expect(tokens.isValid(token, at(2), dialler, 200)).toBe(false);
    expect(tokens.isValid(token, at(1), '0102030405060709', 200)).toBe(false);
    expect(tokens.isValid(token, at(1), dialler, 10_101)).toBe(false);
    expect(new RetryTokens(seededRandom(2)).isValid(token, at(1), dialler, 200)).toBe(false);
    expect(tokens.isValid(new Uint8Array(), at(1), dialler, 200)).toBe(false);
  });
});
