import { KernelError, type ErrorCode } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/index.ts';
import { FailureLog, type FailureReport } from '../../../src/node/link/failure-log.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';

function scene() {
  const clock = new VirtualClock();
  const logger = new RecordingLogger();
  const reports: FailureReport[] = [];
  const log = new FailureLog({ clock, logger, onReport: (report) => reports.push(report) });
  const fail = (source = 'a', code: ErrorCode = 'ERR_HANDSHAKE') =>
    log.record({ source, remote: `${source}:1`, error: new KernelError(code, `${code} of ${source}`) });
  return { clock, logger, reports, log, fail };
}

describe('the log of failed handshakes', () => {
  test('tells the first failure at once, with its code', () => {
    const { logger, reports, fail } = scene();
    fail();
    const fields = { source: 'a', remote: 'a:1', code: 'ERR_HANDSHAKE', message: 'ERR_HANDSHAKE of a', count: 1 };
    expect(logger.events).toEqual([{ level: 'warn', event: 'handshake.failed', fields }]);
    expect(reports).toEqual([fields]);
  });

  test('tells of those that follow once a minute, with their count', async () => {
    const { clock, reports, fail } = scene();
    for (let count = 0; count < 200; count++) fail();
    expect(reports).toHaveLength(1);
    await clock.advance(59_999);
    expect(reports).toHaveLength(1);
    await clock.advance(1);
    expect(reports.map(({ count }) => count)).toEqual([1, 199]);
    fail();
    await clock.advance(60_000);
    expect(reports.map(({ count }) => count)).toEqual([1, 199, 1]);
  });

  test('forgets a source that was quiet for a minute', async () => {
    const { clock, reports, fail } = scene();
    fail();
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
    fail();
    expect(reports).toHaveLength(2);
  });

  test('tells sources and codes apart', () => {
    const { reports, fail } = scene();
    fail('a');
    fail('b');
    fail('a', 'ERR_HANDSHAKE_TIMEOUT');
    expect(reports.map(({ source, code }) => `${source} ${code}`)).toEqual([
      'a ERR_HANDSHAKE',
      'b ERR_HANDSHAKE',
      'a ERR_HANDSHAKE_TIMEOUT',
    ]);
  });

  test('counts together those beyond a thousand sources', () => {
    const { clock, reports, log, fail } = scene();
    for (let source = 0; source < 3_000; source++) fail(`s${source}`);
    expect(reports).toHaveLength(1_025);
    expect(clock.pendingTimers).toBe(1_025);
    fail('s0');
    log.close();
    expect(reports.slice(1_025).map(({ source, count }) => `${source} ${count}`)).toEqual(['s0 1', 'others 1975']);
  });

  test('tells what it only counted when it is closed, and leaves no timer', () => {
    const { clock, reports, log, fail } = scene();
    fail();
    fail();
    log.close();
    expect(reports.map(({ count }) => count)).toEqual([1, 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('gives an error of unknown kind the code ERR_INTERNAL', () => {
    const { reports, log } = scene();
    log.record({ source: 'a', remote: 'a:1', error: new TypeError('oops') });
    expect(reports).toMatchObject([{ code: 'ERR_INTERNAL', message: 'oops' }]);
  });
});
