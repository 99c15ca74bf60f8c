import { settingsSchema } from '../../src/kernel/index.ts';
import { DEFAULT_STATEMENT_LIMITS } from '../../src/node/files/statement-table.ts';
import { FIRST_MESSAGE_LENGTH, MAJOR_VERSION, REJECT_LENGTH } from '../../src/node/link/hello.ts';
import { RECORDS_PER_KEY } from '../../src/node/link/record-stream.ts';
import { MINOR_VERSION } from '../../src/node/overlay/connector.ts';
import { MAX_INCARNATION_LEAP, MAX_MEMBERS } from '../../src/node/overlay/membership.ts';
import { MAX_OPEN_REQUESTS, TUNNEL_WINDOW } from '../../src/node/transfer/limits.ts';
import { TUNNEL_FRAME_LENGTH } from '../../src/node/transfer/transfer-peers.ts';
import * as constants from '../../src/plugins/transport/mrt-udp/constants.ts';
import { CLOSE_CODES, FRAME_TYPES } from '../../src/plugins/transport/mrt-udp/frames.ts';
import { textOf } from '../support/source-files.ts';
import { pageTable } from './protocol-page.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, bytes: 1, KiB: 1_024, MiB: 1_024 * 1_024 };

/** A number as the pages write it. */
const inGroups = (value: number): string => value.toLocaleString('en-US');

/** The first quantity of a cell, in ms or bytes. */
function quantity(cell = ''): number {
  const [, number = '', unit = ''] = /([\d,.]+)(?: (ms|s|bytes|KiB|MiB)\b)?/.exec(cell) ?? [];
  return Number(number.replaceAll(',', '')) * (UNITS[unit] ?? 1);
}

describe('docs/mrt.md', () => {
  const page = textOf('docs/mrt.md');

  test('has the constants of the code', () => {
    const listed = new Map(pageTable(page, 'constant').map(([name = '', value]) => [name, quantity(value)]));
    expect(Object.fromEntries(listed)).toMatchObject({
      'smallest full packet, padding of an Initial': constants.BASE_DATAGRAM,
      'first round-trip time': constants.INITIAL_RTT_MS,
      'acknowledgement delay': constants.MAX_ACK_DELAY_MS,
      'longest time between probes': constants.MAX_PROBE_INTERVAL_MS,
      'peer lost': constants.PEER_LOST_MS,
      'bytes in flight': constants.MAX_BYTES_IN_FLIGHT,
      'unsent bytes at which `send` waits': constants.SEND_BACKLOG,
      'dial, half-open, close': constants.HANDSHAKE_TIMEOUT_MS,
    });
    expect(constants.CLOSE_TIMEOUT_MS).toBe(constants.HANDSHAKE_TIMEOUT_MS);
  });

  test('has the types of all frames', () => {
    const listed = pageTable(page, 'frame').map(([, type = '']) => Number(`0x${type}`));
    expect(listed).toEqual(Object.values(FRAME_TYPES));
  });

  test('has all codes', () => {
    const [codes = ''] = /Codes: [^.]*\./.exec(page) ?? [];
    expect(codes.match(/\d+/g)?.map(Number)).toEqual(Object.values(CLOSE_CODES));
  });
});

describe('the rules of docs/protocol.md', () => {
  const page = textOf('docs/protocol.md').replaceAll(/\s+/g, ' ');
  const { deadMs, handshakeMs, heartbeatMs, transferIdleMs, transferStallMs } = settingsSchema.parse({});
  const { perOrigin, total } = DEFAULT_STATEMENT_LIMITS;

  test.each([
    `every ${heartbeatMs / 1_000} s on every direct connection`,
    `kept ${transferIdleMs / 1_000} s after its last transfer`,
    `after each 2^${Math.log2(RECORDS_PER_KEY)} records`,
    `*reject* of ${REJECT_LENGTH} bytes`,
    `Noise message 1 (${FIRST_MESSAGE_LENGTH})`,
    `more than ${inGroups(MAX_INCARNATION_LEAP)} above the known one`,
    `At most ${inGroups(MAX_MEMBERS)} nodes are remembered`,
    `Of one origin ${inGroups(perOrigin)} are kept, and ${inGroups(total)} in all`,
    `more than ${inGroups(MAX_OPEN_REQUESTS)} open ones`,
    `or ${transferStallMs / 1_000} s without a byte`,
    `frames of at most ${TUNNEL_FRAME_LENGTH / 1_024} KiB, with at most ${TUNNEL_WINDOW / 2 ** 20} MiB asked for`,
    `no message within ${handshakeMs / 1_000} s of the handshake; no \`TIMN\` within ${deadMs / 1_000} s`,
    `for ${deadMs / 1_000} s on a direct connection`,
    `Version ${MAJOR_VERSION}.${MINOR_VERSION}.`,
  ])('"%s" is what the code does', (sentence) => {
    expect(page).toContain(sentence);
  });
});

describe('the settings that pages name', () => {
  const defaults: Readonly<Record<string, unknown>> = settingsSchema.parse({});

  test.each(pageTable(textOf('docs/security.md'), 'setting'))('%s is %s in docs/security.md', (name = '', value) => {
    expect(quantity(value)).toBe(defaults[name]);
  });

  test('have the documented times in docs/documented-system.md', () => {
    const times = textOf('docs/documented-system.md').slice(textOf('docs/documented-system.md').indexOf('## Times'));
    expect(times).toContain(`heartbeat each ${Number(defaults['heartbeatMs']) / 1_000} s`);
    expect(times).toContain(`dead after ${Number(defaults['deadMs']) / 1_000} s of silence`);
    expect(times).toContain(`folder read each ${Number(defaults['scanMs']) / 1_000} s`);
  });
});
