import { transportCompliance, type ComplianceCase } from '../../src/compliance/index.ts';
import type { Transport } from '../../src/kernel/index.ts';
import { systemClock } from '../../src/kit/world/system-clock.ts';
import { systemRandom } from '../../src/kit/world/system-random.ts';
import { mrtUdp, tcp, websocket } from '../../src/plugins/index.ts';
import { createPlugin } from './create-plugin.ts';

const world = { clock: systemClock(), random: systemRandom() };

const CREATE = {
  'mrt-udp': () => createPlugin(mrtUdp({ dialTimeoutMs: 1_000 }), world),
  tcp: () => createPlugin(tcp(), world),
  websocket: () => createPlugin(websocket(), world),
} satisfies Record<string, () => Transport>;

export type SocketTransport = keyof typeof CREATE;
export const SOCKET_TRANSPORTS = Object.keys(CREATE) as SocketTransport[];

/** The suite for transports over real sockets of loopback: what is over at once, and what waits for the seconds that closing may take. */
export function socketCases(name: SocketTransport): { brief: ComplianceCase[]; waiting: ComplianceCase[] } {
  const cases = transportCompliance({
    clock: world.clock,
    create: async () => CREATE[name](),
    address: () => '127.0.0.1:0',
    nobody: () => '127.0.0.1:9',
  });
  const waits = (each: ComplianceCase) => / 5 s /.test(each.name);
  return { brief: cases.filter((each) => !waits(each)), waiting: cases.filter(waits) };
}
