import { run } from '../../src/cli/run.ts';
import { parseSharedKey } from '../../src/node/identity/shared-key.ts';
import { sampleConfig } from './support/sample-config.ts';
import { testProgram } from './support/program.ts';

/** Runs the program on a sample config, and gives what it wrote. */
async function execute(...words: string[]) {
  const { program, written } = testProgram({ shippedConfig: { config: sampleConfig(), source: 'the sample' } });
  const code = await run(words, program);
  await Promise.all([program.stdout.flush(), program.stderr.flush()]);
  return { code, ...written };
}

describe('run', () => {
  test('profiles names each profile, the default one, its plugins and whom it is for', async () => {
    const { stdout, code } = await execute('profiles');
    expect(code).toBe(0);
    expect(stdout).toContain('default (default): A sample.\n    transport          sample-transport\n');
    expect(stdout).toContain('other: Another.\n');
  });

  test('plugins shows every option with its type, default and meaning, by kind', async () => {
    const { stdout } = await execute('plugins');
    expect(stdout).toContain('cipher sample-cipher: A cipher that only has a description.\n');
    expect(stdout).toMatch(/limit +integer +default 5 +How much\.\n/);
    expect(stdout).toMatch(/mode +"fast" \| "safe" +How\.\n/);
    expect(stdout.indexOf('transport sample-transport')).toBeLessThan(stdout.indexOf('logger sample-logger'));
  });

  test('config shows a profile with everything inherited', async () => {
    const { stdout } = await execute('config', '--profile', 'other', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'other',
      plugins: {
        transport: { name: 'sample-transport', options: { limit: 5 } },
        cipher: { name: 'sample-cipher', options: { limit: 9 } },
      },
      settings: { heartbeatMs: 500, deadMs: 10_000 },
    });
    expect((await execute('config')).stdout).toMatch(
      /^default: A sample\.\n\nplugins\n {2}transport +sample-transport[^]*\n {2}heartbeatMs +2000 +Time between heartbeats/,
    );
  });

  test.each(['profiles', 'plugins'])('%s --json is an array', async (command) => {
    expect(JSON.parse((await execute(command, '--json')).stdout)).toBeInstanceOf(Array);
  });

  test('keygen prints a new key each time', async () => {
    const [first, second] = [await execute('keygen'), await execute('keygen')];
    expect(parseSharedKey(first.stdout)).toHaveLength(32);
    expect(first.stdout).not.toBe(second.stdout);
  });

  test('wrong usage is 2, any other failure 1, each with one line and its code on standard error', async () => {
    expect(await execute('--nonsense')).toMatchObject({ code: 2, stdout: '' });
    const failed = await execute('config', '--profile', 'othr');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^peerhold: ERR_CONFIG: the sample: .*did you mean other\?.*\n$/);
  });

  test('ctl without a node is 1', async () => {
    expect(await execute('ctl', '/nonexistent', 'LIST')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ERR_NOT_RUNNING') as string,
    });
  });
});
