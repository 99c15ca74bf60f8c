import { InitialLimit } from '../../../../src/plugins/transport/mrt-udp/initial-limit.ts';
import type { Hello } from '../../../../src/plugins/transport/mrt-udp/frames.ts';
import { packetOf } from '../../../../src/plugins/transport/mrt-udp/handshake-packets.ts';
import { NO_CONNECTION } from '../../../../src/plugins/transport/mrt-udp/packet.ts';
import { eventLogger, type LogEvent } from '../../../../src/kit/event-logger.ts';
import { VirtualClock } from '../../../../src/kit/virtual-clock.ts';
import { Simulation } from './simulation.ts';

/** How many of so many Initials at one moment are looked at. */
function allowed(limit: InitialLimit, ip: string, count: number, now: number): number {
  return Array.from({ length: count }).filter(() => limit.allows(ip, now)).length;
}

describe('the limit on Initials', () => {
  test('lets a burst of 250 of a source through, then 50 a second', () => {
    const limit = new InitialLimit();
    expect(allowed(limit, '192.0.2.1', 1_000, 0)).toBe(250);
    expect(allowed(limit, '192.0.2.1', 1_000, 1_000)).toBe(50);
    expect(allowed(limit, '192.0.2.1', 1_000, 1_010)).toBe(0);
    expect(allowed(limit, '192.0.2.1', 1_000, 60_000)).toBe(250);
  });

  test('counts every source for itself, and an IPv6 network of 64 bits as one', () => {
    const limit = new InitialLimit();
    expect(allowed(limit, '192.0.2.1', 300, 0)).toBe(250);
    expect(allowed(limit, '192.0.2.2', 300, 0)).toBe(250);
    expect(allowed(limit, '2001:db8::1', 200, 0)).toBe(200);
    expect(allowed(limit, '2001:db8:0:0:7::1', 200, 0)).toBe(50);
    expect(allowed(limit, '2001:db8:0:1::1', 200, 0)).toBe(200);
  });

  test('leaves this machine alone', () => {
    const limit = new InitialLimit();
    expect(allowed(limit, '127.0.0.1', 1_000, 0)).toBe(1_000);
    expect(allowed(limit, '::1', 1_000, 0)).toBe(1_000);
  });

  test('remembers 1,024 sources, those that sent last', () => {
    const limit = new InitialLimit();
    allowed(limit, '192.0.2.1', 250, 0);
    for (let source = 0; source < 5_000; source++) {
      limit.allows(`10.0.${source >> 8}.${source & 255}`, 1);
      if (source % 100 === 0) expect(limit.allows('192.0.2.1', 1)).toBe(false);
    }
    expect(limit.size).toBe(1_024);
  });
});

test('an endpoint answers no more Initials of a source than that, and says so once a minute', () => {
  const simulation = new Simulation(1, { delayMs: 1 });
  const events: LogEvent[] = [];
  const endpoint = simulation.endpoint(1, [], {
    logger: eventLogger({ clock: new VirtualClock(), level: 'warn', write: (event) => events.push(event) }),
  });
  endpoint.accept();
  let answers = 0;
  simulation.tap = () => {
    answers += 1;
    return [];
  };
  for (let number = 1; number <= 400; number++) {
    const hello: Hello = {
      sender: number.toString(16).padStart(16, '0'),
      resetToken: new Uint8Array(16),
      window: 1,
      maxDatagram: 1_200,
      answers: 0,
      retryToken: new Uint8Array(),
    };
    const datagram = packetOf({ type: 'initial', receiver: NO_CONNECTION, number: 0 }, { type: 'hello', ...hello });
    endpoint.receive(datagram, { ip: '192.0.2.9', port: 1_000 + number }, simulation.now);
  }
  simulation.run(() => false, 10);
  expect(answers).toBe(250);
  expect(endpoint.dropped).toBe(150);
  expect(events).toEqual([
    expect.objectContaining({ fields: expect.objectContaining({ code: 'ERR_LIMIT', source: '192.0.2.9' }) as object }),
  ]);
});
