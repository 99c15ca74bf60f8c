import { parseArguments } from '../../src/cli/arguments.ts';

const parse = (...words: string[]) => parseArguments(words, '1.2.3');

describe('parseArguments', () => {
  test('start has a default for everything but the folder', async () => {
    expect(await parse('start', './shared')).toMatchObject({
      command: 'start',
      directory: './shared',
      makeFolder: true,
      profile: undefined,
      config: undefined,
      listen: '127.0.0.1:0',
      advertise: undefined,
      add: [],
      keyFile: undefined,
      user: expect.stringMatching(/^[A-Za-z0-9._-]{1,32}$/) as string,
      logLevel: undefined,
      logFile: undefined,
      json: false,
      exitOnEof: false,
    });
  });

  test('start takes every flag, --add any number of times', async () => {
    const words = ['--profile', 'p', '--config', 'c.ts', '--listen', '0.0.0.0:1', '--advertise', 'h:2', '--add', 'x:1'];
    const more = ['--add', 'y:2', '--key-file', 'k', '--user', 'ann', '--log-level', 'trace', '--log-file', 'l'];
    expect(await parse('start', ...words, 'folder', ...more, '--json', '--exit-on-eof')).toEqual({
      command: 'start',
      directory: 'folder',
      makeFolder: true,
      profile: 'p',
      config: 'c.ts',
      listen: '0.0.0.0:1',
      advertise: 'h:2',
      add: ['x:1', 'y:2'],
      keyFile: 'k',
      user: 'ann',
      logLevel: 'trace',
      logFile: 'l',
      json: true,
      exitOnEof: true,
    });
  });

  test('a folder alone starts a node, and is not made where it is missing', async () => {
    expect(await parse('./shared')).toMatchObject({ command: 'start', directory: './shared', makeFolder: false });
  });

  test('a folder may have the name of a number or of a command', async () => {
    expect(await parse('start', '0012')).toMatchObject({ directory: '0012' });
    expect(await parse('start', 'demo')).toMatchObject({ command: 'start', directory: 'demo' });
  });

  test.each([
    [['LIST'], 'LIST'],
    [['GET', 'two words.txt'], 'GET two words.txt'],
    [['GET', 'two', 'words.txt'], 'GET two words.txt'],
    [['get', ' odd '], 'get " odd "'],
    [['RESTORE', '007'], 'RESTORE 007'],
    [['GET', '--', '--json'], 'GET --json'],
    [['RESTORE', '--', '007'], 'RESTORE 007'],
    [['GET', '-x'], 'GET -x'],
    [['GET', '--nonsense', 'of', 'a', 'name'], 'GET --nonsense of a name'],
    [['--', 'GET', '-x', '--'], 'GET -x --'],
  ])('ctl gives %j as the line %j', async (words, line) => {
    expect(await parse('ctl', 'folder', ...words)).toEqual({ command: 'ctl', directory: 'folder', line, json: false });
  });

  test('reads the commands that describe the config', async () => {
    expect(await parse('profiles', '--json')).toEqual({ command: 'profiles', config: undefined, json: true });
    expect(await parse('plugins', '--config', 'c.ts')).toEqual({ command: 'plugins', config: 'c.ts', json: false });
    expect(await parse('config', '--profile', 'p')).toMatchObject({ command: 'config', profile: 'p' });
    expect(await parse('keygen')).toEqual({ command: 'keygen' });
    expect(await parse('demo')).toEqual({ command: 'demo' });
  });

  test.each([
    [['start', 'x', '--user', 'a b'], '--user takes'],
    [['start', 'x', '--user', 'x'.repeat(33)], '--user takes'],
    [['start', 'x', '--listen', 'a', '--listen', 'b'], '--listen was given more than once'],
    [['start', 'x', '--log-level', 'loud'], 'log-level'],
    [['start', 'x', '--nonsense'], 'nonsense'],
    [['start', 'x', '--add'], 'add'],
    [['start', 'x', '--profile='], '--profile is empty'],
    [['start', ''], 'the name of the folder is empty'],
    [['start', 'x', '--advertise', '0.0.0.0:4700'], '--advertise takes'],
    [['start', 'x', '--advertise', '203.0.113.5:0'], '--advertise takes'],
    [['start'], 'expected peerhold start <directory> (peerhold start --help)'],
    [['strat', 'x'], 'the first word is one of start, ctl'],
    [['start', 'x', 'y'], 'y'],
    [['ctl', 'folder'], 'expected peerhold ctl <directory> COMMAND…'],
    [['ctl', '', 'LIST'], 'the name of the folder is empty'],
    [['ctl', 'folder', 'FETCH'], 'unknown command "FETCH"'],
    [['ctl', 'folder', 'GET'], 'expected GET <file>'],
    [['profiles', 'x'], 'x'],
    [[], 'expected peerhold start <directory> (peerhold --help)'],
  ])('refuses %j in one line', async (words, message) => {
    await expect(parse(...words)).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringContaining(message) as string,
    });
    await expect(parse(...words)).rejects.toThrow(/^[^\n]*$/);
  });

  test.each([['start'], ['ctl'], ['profiles'], ['plugins'], ['config'], ['keygen'], ['demo']])(
    '%s --help has examples',
    async (command) => {
      expect(await parse(command, '--help')).toMatchObject({
        command: 'text',
        text: expect.stringContaining(`Examples:\n  peerhold ${command}`) as string,
      });
    },
  );

  test('--help and --version are only texts', async () => {
    expect(await parse('--version')).toEqual({ command: 'text', text: '1.2.3\n' });
    expect(await parse('--help')).toMatchObject({ text: expect.stringContaining('peerhold keygen') as string });
  });
});
