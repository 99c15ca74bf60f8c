import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loggerCompliance } from '../../../src/compliance/index.ts';
import { KernelError, type LogLevel, type PluginContext } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/index.ts';
import { jsonLines } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { thrownCode } from '../../support/thrown-code.ts';

type Options = Parameters<typeof jsonLines>[0];

interface Line {
  readonly time: string;
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'peerhold-json-lines-'))));
afterEach(async () => rm(directory, { recursive: true }));

/** A logger into a file of the test's directory, what it told on standard error, and the way to end it. */
function open(options: Options = {}, context: Partial<PluginContext> = {}) {
  const told: string[] = [];
  const closers: (() => Promise<void>)[] = [];
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 10, 22, 17, 5, 9, 40) });
  const logger = createPlugin(jsonLines(options), {
    clock,
    privateDirectory: directory,
    stderr: { isTerminal: false, write: (text) => void told.push(text) },
    onClose: (close) => void closers.push(close),
    ...context,
  });
  const close = async () => {
    for (const each of closers) await each();
  };
  return { logger, told, clock, close };
}

/** Each event that is written asks for the time once: so it is known how many lines are on their way. */
class CountingClock extends VirtualClock {
  asked = 0;

  override wallTime(): number {
    this.asked += 1;
    return super.wallTime();
  }
}

/** Repeats a check until it passes, letting the disk work; in the end it fails as the check does. */
async function eventually<T>(check: () => Promise<T>): Promise<T> {
  for (let turn = 0; turn < 10_000; turn++) {
    const outcome = await check().catch(() => undefined);
    if (outcome !== undefined) return outcome;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return check();
}

const FILE = () => join(directory, 'logs/node.jsonl');
const linesOf = async (path = FILE()): Promise<Line[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

/** Everything a logger writes while `use` runs. */
async function linesWhile(use: (logger: ReturnType<typeof open>['logger']) => void, options: Options = {}) {
  const { logger, close } = open(options);
  use(logger);
  await close();
  return linesOf();
}

describe('json-lines', () => {
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });
  let files = 0;
  const create = (level: LogLevel) => {
    const file = `${(files += 1)}.jsonl`;
    const clock = new CountingClock();
    const { logger, close } = open({ file, level }, { clock });
    opened.push(close);
    const written = () =>
      eventually(async () => {
        const text = clock.asked === 0 ? '' : await readFile(join(directory, file), 'utf8');
        expect(text.split('\n')).toHaveLength(clock.asked + 1);
        return text;
      });
    return { logger, written };
  };
  for (const { name, run } of loggerCompliance({ create })) test(name, run);

  test('writes time, level, event and fields as one line of JSON', async () => {
    const lines = await linesWhile((logger) =>
      logger.child({ self: 'ab12' }).info('peer.joined', { peer: 'cd34', direct: true, rttMs: 1.5, none: undefined }),
    );
    expect(lines).toEqual([
      {
        time: '2026-11-22T17:05:09.040Z',
        level: 'info',
        event: 'peer.joined',
        fields: { self: 'ab12', peer: 'cd34', direct: true, rttMs: 1.5 },
      },
    ]);
  });

  test('writes what JSON has no words for in words', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const cause = new Error('ECONNREFUSED');
    const [line] = await linesWhile((logger) =>
      logger.error('odd', {
        error: new KernelError('ERR_DIAL_FAILED', 'nobody', { cause }),
        sequence: 2n ** 64n,
        infinite: -Infinity,
        circular,
        bytes: [new Uint8Array(5), Buffer.from('secret')],
      }),
    );
    expect(line?.fields).toEqual({
      error: { code: 'ERR_DIAL_FAILED', message: 'nobody', cause: 'Error: ECONNREFUSED' },
      sequence: '18446744073709551616',
      infinite: '-Infinity',
      circular: '<not printable>',
      bytes: ['<5 bytes>', '<6 bytes>'],
    });
  });

  test('escapes control characters, so that reading the JSON gives them back', async () => {
    const name = 'a\u001b[31m\u009b\u202e\u2028\u{e0041}b 👩‍💻é';
    const lines = await linesWhile((logger) => logger.info('file', { name }));
    expect(lines[0]?.fields).toEqual({ name });
    const text = await readFile(FILE(), 'utf8');
    expect(text).toContain('\\u001b[31m\\u009b\\u202e\\u2028\\udb40\\udc41b 👩‍💻é');
  });

  test('cuts very long text', async () => {
    const [line] = await linesWhile((logger) => logger.info('long', { value: 'x'.repeat(1_000_000) }));
    expect((line?.fields.value as string).length).toBeLessThan(20_000);
  });

  test('keeps the order of many events', async () => {
    const count = 20_000;
    const lines = await linesWhile((logger) => {
      for (let number = 0; number < count; number++) logger.info('counted', { number });
    });
    expect(lines.map(({ fields }) => fields.number)).toEqual(Array.from({ length: count }, (_, number) => number));
  });

  test('adds to the file of the last run', async () => {
    await linesWhile((logger) => logger.info('first'));
    const lines = await linesWhile((logger) => logger.info('second'));
    expect(lines.map(({ event }) => event)).toEqual(['first', 'second']);
  });

  test('touches no file before the first event, and makes it for its owner only', async () => {
    const { logger, close } = open();
    expect(await readdir(directory)).toEqual([]);
    logger.info('event');
    await close();
    expect((await stat(FILE())).mode & 0o777).toBe(0o600);
  });

  test('writes nothing after it was closed, and closes without having written', async () => {
    const { logger, close } = open();
    await close();
    logger.info('late');
    await close();
    expect(await readdir(directory)).toEqual([]);
  });

  test('sets the file aside by size, and keeps so many', async () => {
    const options = { maxBytes: 4_096, keep: 2 };
    for (let run = 0; run < 6; run++) {
      await linesWhile((logger) => logger.info('filler', { run, text: 'x'.repeat(5_000) }), options).catch(() => []);
    }
    expect((await readdir(dirname(FILE()))).sort()).toEqual(['node.jsonl', 'node.jsonl.1', 'node.jsonl.2']);
    expect((await linesOf(`${FILE()}.1`)).map(({ fields }) => fields.run)).toEqual([5]);
    expect((await linesOf(`${FILE()}.2`)).map(({ fields }) => fields.run)).toEqual([4]);
  });

  test('takes an absolute path', async () => {
    const file = join(directory, 'elsewhere', 'all.jsonl');
    const { logger, close } = open({ file }, { privateDirectory: undefined });
    logger.info('event');
    await close();
    expect(await linesOf(file)).toHaveLength(1);
  });

  test('refuses a relative path where the node has no directory of its own', () => {
    expect(thrownCode(() => open({}, { privateDirectory: undefined }))).toBe('ERR_CONFIG');
  });

  test("follows the command line's level against its own option", () => {
    const { logger } = open({ level: 'error' }, { logLevel: 'debug' });
    expect([logger.isEnabled('trace'), logger.isEnabled('debug')]).toEqual([false, true]);
  });

  test('says once that the file cannot be written, tries again after ten seconds, and counts what is missing', async () => {
    // A file stands where the directory should be.
    await writeFile(join(directory, 'logs'), '');
    const { logger, told, clock, close } = open();
    logger.info('lost, as it finds the failure');
    await eventually(async () => {
      expect(told).toHaveLength(1);
      return told;
    });
    expect(told[0]).toContain(`peerhold: the log file ${FILE()} cannot be written`);
    logger.info('lost, as it comes too soon');
    await rm(join(directory, 'logs'));
    await mkdir(join(directory, 'logs'));
    await clock.advance(10_000);
    logger.info('written');
    await close();
    expect((await linesOf()).map(({ event, fields }) => [event, fields])).toEqual([
      ['log.lost', { events: 2 }],
      ['written', {}],
    ]);
    expect(told).toHaveLength(1);
  });
});
