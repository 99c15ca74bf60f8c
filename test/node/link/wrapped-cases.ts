import { transportCompliance, type ComplianceCase } from '../../../src/compliance/index.ts';
import type { Transport } from '../../../src/kernel/index.ts';
import { systemClock } from '../../../src/kit/world/system-clock.ts';
import { systemRandom } from '../../../src/kit/world/system-random.ts';
import { logged } from '../../../src/node/link/logged-transport.ts';
import { mrtUdp, tcp, websocket } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { LinkWorld } from './link-world.ts';

const context = { clock: systemClock(), random: systemRandom() };

/** More than a loaded machine needs for 32 dials at once, all of whose handshakes one thread computes; less than a test waits. */
const DIAL_TIMEOUT_MS = 2_000;

/** Each transport with real sockets, by name. */
const transports = {
  'mrt-udp': () => createPlugin(mrtUdp({ dialTimeoutMs: DIAL_TIMEOUT_MS }), context),
  tcp: () => createPlugin(tcp(), context),
  websocket: () => createPlugin(websocket(), context),
} satisfies Readonly<Record<string, () => Transport>>;

/** Each wrapper of the link layer, by name. */
const wrappers = {
  sealed: (world: LinkWorld, transport: Transport) => world.node({ transport, clock: context.clock }),
  'logged and sealed': (world: LinkWorld, transport: Transport) =>
    logged(world.node({ transport, clock: context.clock }), {
      logger: world.logger,
      describe: (frame) => ({ type: 'ANY', first: frame[0] }),
    }),
} satisfies Readonly<Record<string, (world: LinkWorld, transport: Transport) => Transport>>;

export type TransportName = keyof typeof transports;
export type WrapperName = keyof typeof wrappers;

export const transportNames = Object.keys(transports) as TransportName[];
export const wrapperNames = Object.keys(wrappers) as WrapperName[];

/** The whole transport suite for a wrapper over a transport with real sockets. */
export function wrappedCases(wrapper: WrapperName, transport: TransportName): readonly ComplianceCase[] {
  const world = new LinkWorld();
  return transportCompliance({
    clock: context.clock,
    create: async () => wrappers[wrapper](world, transports[transport]()),
    address: () => '127.0.0.1:0',
    nobody: () => '127.0.0.1:9',
  });
}
