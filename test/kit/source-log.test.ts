import type { ErrorCode } from '../../src/kernel/index.ts';
import { SourceLog } from '../../src/kit/index.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const MINUTE_MS = 60_000;
const SOURCES = 16;

let logger: RecordingLogger;
let log: SourceLog;

beforeEach(() => {
  logger = new RecordingLogger();
  log = new SourceLog(logger, 'something.refused');
});

const add = (source: string, now: number, code: ErrorCode = 'ERR_PACKET') =>
  log.add({ source, code, reason: 'garbage' }, now);
const lines = () => logger.events.map(({ level, event, fields }) => ({ level, event, ...fields }));

describe('what comes unasked', () => {
  test('is told of at once, with its source, code and reason', () => {
    add('10.0.0.1', 0);
    expect(lines()).toEqual([
      {
        level: 'warn',
        event: 'something.refused',
        source: '10.0.0.1',
        code: 'ERR_PACKET',
        reason: 'garbage',
        unlogged: 0,
      },
    ]);
  });

  test('from one source is told of once a minute, with the count of what was not', () => {
    for (const now of [0, 1, MINUTE_MS - 1, MINUTE_MS, MINUTE_MS + 1]) add('10.0.0.1', now);
    expect(lines()).toMatchObject([{ unlogged: 0 }, { unlogged: 2 }]);
  });

  test('of another kind from the same source is told of too', () => {
    for (const code of ['ERR_PACKET', 'ERR_LIMIT', 'ERR_PACKET'] as const) add('10.0.0.1', 0, code);
    expect(lines()).toMatchObject([{ code: 'ERR_PACKET' }, { code: 'ERR_LIMIT' }]);
  });

  test('from many sources shares one line beyond the first few', () => {
    for (let index = 0; index < 1_000; index++) add(`10.0.${index >> 8}.${index & 255}`, 0);
    expect(new Set(logger.events.map(({ fields }) => fields['source'])).size).toBe(SOURCES + 1);
    expect(lines()).toHaveLength(SOURCES + 1);
    expect(lines().at(-1)).toMatchObject({ source: 'others' });
  });
});
