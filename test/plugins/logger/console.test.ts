import { loggerCompliance } from '../../../src/compliance/index.ts';
import { KernelError, type PluginContext } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/index.ts';
import { consoleLogger } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';

type Options = Parameters<typeof consoleLogger>[0];

function loggerWith(options: Options = {}, context: Partial<PluginContext> = {}, isTerminal = false) {
  const lines: string[] = [];
  const stderr = { isTerminal, write: (text: string) => void lines.push(text) };
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 10, 22, 17, 5, 9, 40) });
  return { lines, logger: createPlugin(consoleLogger(options), { stderr, clock, ...context }) };
}

describe('console', () => {
  const create = (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') => {
    const { lines, logger } = loggerWith({ level });
    return { logger, written: async () => lines.join('') };
  };
  for (const { name, run } of loggerCompliance({ create })) test(name, run);

  test('writes time, level, event and fields on one line', () => {
    const { lines, logger } = loggerWith();
    logger.info('peer.joined', { peer: 'ab12', direct: true, rttMs: 1.5 });
    expect(lines).toEqual(['2026-11-22T17:05:09.040Z INFO  peer.joined peer=ab12 direct=true rttMs=1.5\n']);
  });

  test('quotes text that holds blanks, quotes, equals signs or nothing', () => {
    const { lines, logger } = loggerWith();
    logger.warn('file', { name: 'a "b"=c', user: '', plain: 'x.txt' });
    expect(lines[0]).toContain('name="a \\"b\\"=c" user="" plain=x.txt');
  });

  test('shows errors by code, message and cause', () => {
    const { lines, logger } = loggerWith();
    const cause = new Error('ECONNREFUSED');
    logger.error('dial', { error: new KernelError('ERR_DIAL_FAILED', 'nobody at 1.2.3.4:5', { cause }) });
    expect(lines[0]).toContain('error="ERR_DIAL_FAILED: nobody at 1.2.3.4:5; cause: Error: ECONNREFUSED"');
  });

  test('counts bytes instead of showing them', () => {
    const { lines, logger } = loggerWith();
    logger.info('frame', {
      payload: new Uint8Array(5),
      nested: { payload: new Uint8Array(6), buffer: Buffer.from('abc') },
    });
    expect(lines[0]).toContain('payload=<5 bytes> nested={"payload":"<6 bytes>","buffer":"<3 bytes>"}');
  });

  test('escapes control characters of peers, and leaves emoji alone', () => {
    const { lines, logger } = loggerWith();
    logger.info('file', { name: 'a\u001b[31mb\u202e', emoji: '👩‍💻é' });
    expect(lines[0]).toContain('name=a\\u{1b}[31mb\\u{202e} emoji=👩‍💻é');
  });

  test('cuts very long values', () => {
    const { lines, logger } = loggerWith();
    logger.info('long', { value: 'x'.repeat(100_000) });
    expect(lines[0]!.length).toBeLessThan(1_200);
  });

  test('shows info and above unless told otherwise', () => {
    const { logger } = loggerWith();
    expect([logger.isEnabled('debug'), logger.isEnabled('info')]).toEqual([false, true]);
  });

  test("follows the command line's level against its own option", () => {
    const { logger } = loggerWith({ level: 'error' }, { logLevel: 'debug' });
    expect([logger.isEnabled('trace'), logger.isEnabled('debug')]).toEqual([false, true]);
  });

  test('colours at a terminal only, unless told otherwise', () => {
    const isColoured = (options: Options, isTerminal: boolean, environment = {}) => {
      const { lines, logger } = loggerWith(options, { environment }, isTerminal);
      logger.info('event');
      return lines[0]!.includes('\u001b[32mINFO');
    };
    expect(isColoured({}, true)).toBe(true);
    expect(isColoured({}, false)).toBe(false);
    expect(isColoured({}, true, { NO_COLOR: '1' })).toBe(false);
    expect(isColoured({ colour: 'always' }, false)).toBe(true);
    expect(isColoured({ colour: 'never' }, true)).toBe(false);
  });

  test('goes on when its output fails', () => {
    const write = () => {
      throw new Error('EPIPE');
    };
    const { logger } = loggerWith({}, { stderr: { isTerminal: false, write } });
    expect(() => logger.error('event')).not.toThrow();
  });
});
