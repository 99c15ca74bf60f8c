import { settingsSchema } from '../../src/kernel/index.ts';
import * as constants from '../../src/plugins/transport/mrt-udp/constants.ts';
import { CLOSE_CODES, FRAME_TYPES } from '../../src/plugins/transport/mrt-udp/frames.ts';
import { textOf } from '../support/source-files.ts';
import { pageTable } from './protocol-page.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, bytes: 1, KiB: 1_024, MiB: 1_024 * 1_024 };

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
