import { seededRandom } from '../../../../src/kit/seeded-random.ts';
import { Bbr } from '../../../../src/plugins/transport/mrt-udp/congestion/bbr.ts';
import { DeliveryRate } from '../../../../src/plugins/transport/mrt-udp/congestion/delivery-rate.ts';

/** Bytes of every packet: as on loopback, where one takes longer than the shortest round trip. */
const LENGTH = 65_507;

/** A path whose queue holds all, and an application that sends without end, or so many packets at once now and then. */
interface Model {
  readonly untilMs: number;
  /** Bytes a millisecond that the path carries. */
  readonly rateAt: (now: number) => number;
  /** How long it takes from leaving the path until the acknowledgement is here. */
  readonly delayAt: (now: number) => number;
  /** Packets wanted at multiples of 10 ms; without it always more than may leave. */
  readonly burstAt?: (now: number) => number | undefined;
}

describe('BBR over a path shorter than a packet', () => {
  test('finds a rate that rose although acknowledgements come late', () => {
    const [slow, fast] = [30_000, 900_000];
    const { pacingRate } = senderAfter({
      untilMs: 2_500,
      rateAt: (now) => (now < 500 ? slow : fast),
      delayAt: (now) => (now < 100 ? 0.05 : 10),
    });
    expect(pacingRate).toBeGreaterThan(fast / 2);
  });

  test('remembers what the path carries while little is wanted of it', () => {
    const carried = 300_000;
    const { pacingRate } = senderAfter({
      untilMs: 3_000,
      rateAt: () => carried,
      delayAt: (now) => (now < 500 ? 0.05 : 3),
      burstAt: (now) => (now < 500 ? undefined : 8),
    });
    expect(pacingRate).toBeGreaterThan(carried / 2);
  });

  test('does not empty a path to look at it that was empty a moment ago, since nothing was sent', () => {
    const busyFrom = 6_500;
    const { window } = senderAfter({
      untilMs: busyFrom + 50,
      rateAt: () => 300_000,
      delayAt: (now) => (now < 500 ? 0.05 : 3),
      burstAt: (now) => (now < 500 || now >= busyFrom ? undefined : 0),
    });
    expect(window).toBeGreaterThan(8 * LENGTH);
  });
});

/** What has learnt from that. */
function senderAfter({ untilMs, rateAt, delayAt, burstAt = () => undefined }: Model): Bbr {
  const bbr = new Bbr({ datagramLength: LENGTH, rttMs: 0.05, now: 0, random: seededRandom(1) });
  const rate = new DeliveryRate();
  const inFlight: { sentAt: number; ackedAt: number; stamp: ReturnType<DeliveryRate['onSent']> }[] = [];
  let [now, pathFreeAt, leavesAt, wanted, wantedAt] = [0, 0, 0, Infinity, 0];
  const send = () => {
    now = Math.max(now, leavesAt);
    pathFreeAt = Math.max(pathFreeAt, now) + LENGTH / rateAt(now);
    const stamp = rate.onSent(LENGTH, inFlight.length * LENGTH, now);
    inFlight.push({ sentAt: now, ackedAt: pathFreeAt + delayAt(now), stamp });
    leavesAt = now + LENGTH / bbr.pacingRate;
    wanted -= 1;
    if (wanted === 0) rate.onAppLimited(inFlight.length * LENGTH);
  };
  const takeAck = (packet: (typeof inFlight)[number]) => {
    inFlight.shift();
    now = packet.ackedAt;
    rate.onAcked({ ...packet, size: LENGTH }, now);
    const [left, rttMs] = [inFlight.length * LENGTH, now - packet.sentAt];
    const sample = { now, bytes: LENGTH, sentAt: packet.sentAt, priorInFlight: left + LENGTH, inFlight: left };
    bbr.onAck({ ...sample, ...rate.sample(0.05), rttMs, smoothedRttMs: rttMs });
    leavesAt = Math.max(leavesAt, now);
  };
  while (now < untilMs) {
    if (now >= wantedAt) {
      wanted = burstAt(now) ?? Infinity;
      wantedAt += 10;
    }
    const mayFly = wanted > 0 && (inFlight.length + 1) * LENGTH <= bbr.window;
    const first = inFlight[0];
    if (first !== undefined && (!mayFly || first.ackedAt <= leavesAt)) takeAck(first);
    else if (mayFly) send();
    else now = wantedAt;
  }
  return bbr;
}
