import { loggerCompliance } from '../../../src/compliance/index.ts';
import { definePlugin, resolveProfile, z, type LogLevel, type Logger } from '../../../src/index.ts';
import { aesGcm, bTree, consoleLogger, memory, sequential, silent, tee } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { RecordingLogger } from '../../support/recording-logger.ts';
import { thrownBy } from '../../support/thrown-by.ts';

/** A logger plugin that hands out this logger. */
const given = (logger: Logger) =>
  definePlugin({ name: 'given', kind: 'logger', about: 'x', options: z.strictObject({}), create: () => logger })();

const config = (logger: ReturnType<typeof tee>) => ({
  plugins: [],
  profiles: {
    main: {
      about: 'x',
      transport: memory(),
      cipher: aesGcm(),
      neighbourPriority: bTree(),
      pieceStrategy: sequential(),
      logger,
    },
  },
  defaultProfile: 'main',
});

describe('tee', () => {
  const create = (level: LogLevel) => {
    let text = '';
    const stderr = { isTerminal: false, write: (each: string) => void (text += each) };
    const logger = createPlugin(tee({ loggers: [consoleLogger({ level }), silent()] }), { stderr });
    return { logger, written: async () => text };
  };
  for (const { name, run } of loggerCompliance({ create })) test(name, run);

  test('gives every event to each logger', () => {
    const [one, two] = [new RecordingLogger(), new RecordingLogger()];
    const logger = createPlugin(tee({ loggers: [given(one), given(two)] }));
    logger.child({ self: 'ab' }).warn('event', { number: 1 });
    const expected = [{ level: 'warn', event: 'event', fields: { self: 'ab', number: 1 } }];
    expect([one.events, two.events]).toEqual([expected, expected]);
  });

  test('lets each logger keep its own level, and is enabled for what any of them takes', () => {
    const lines: string[] = [];
    const stderr = { isTerminal: false, write: (text: string) => void lines.push(text) };
    const all = new RecordingLogger();
    const logger = createPlugin(tee({ loggers: [consoleLogger({ level: 'warn' }), given(all)] }), { stderr });
    expect(logger.isEnabled('trace')).toBe(true);
    logger.debug('for one');
    logger.error('for both');
    expect(all.events).toHaveLength(2);
    expect(lines).toHaveLength(1);
    expect(createPlugin(tee({ loggers: [silent()] })).isEnabled('error')).toBe(false);
    expect(createPlugin(tee()).isEnabled('error')).toBe(false);
  });

  test('hands its loggers the world, so that one that holds lines back can be closed', () => {
    let closers = 0;
    const closing = definePlugin({
      name: 'closing',
      kind: 'logger',
      about: 'x',
      options: z.strictObject({}),
      create: (_options, { onClose }) => {
        onClose(async () => undefined);
        return new RecordingLogger();
      },
    });
    createPlugin(tee({ loggers: [closing(), closing()] }), { onClose: () => void (closers += 1) });
    expect(closers).toBe(2);
  });

  test('shows its loggers by name and options', () => {
    const { options } = resolveProfile(config(tee({ loggers: [silent(), consoleLogger({ level: 'warn' })] }))).slots
      .logger;
    expect(JSON.parse(JSON.stringify(options))).toEqual({
      loggers: [
        { name: 'silent', options: {} },
        { name: 'console', options: { level: 'warn', colour: 'auto' } },
      ],
    });
  });

  const mistakes: [string, unknown, string][] = [
    ['a logger alone', { loggers: silent() }, 'profiles.main.logger.tee.loggers: '],
    ['a plugin that was not called', { loggers: [silent] }, 'loggers[0]: expected a called plugin'],
    [
      'a plugin of another kind',
      { loggers: [aesGcm()] },
      'loggers[0]: expected a plugin of kind logger, got aes-gcm of kind cipher',
    ],
    [
      'a wrong option of one',
      { loggers: [silent(), consoleLogger({ level: 'loud' as never })] },
      'tee.loggers[1].options.level: Invalid option: expected one of "trace"|"debug"|"info"|"warn"|"error"; got "loud"',
    ],
    [
      'a misspelt option of one',
      { loggers: [consoleLogger({ levle: 'warn' } as never)] },
      'tee.loggers[0].options.levle: unknown option (did you mean level?); allowed: level, colour',
    ],
  ];
  test.each(mistakes)('tells of %s with its path', (_what, options, message) => {
    expect(thrownBy(() => resolveProfile(config(tee(options as never))))).toMatchObject({
      code: 'ERR_CONFIG',
      message: expect.stringContaining(message) as unknown,
    });
  });
});
