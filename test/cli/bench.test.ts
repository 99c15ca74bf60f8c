import { benchProgressLine } from '../../src/cli/bench-progress.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { benchNamed, benchSetting } from '../../src/cli/bench-setting.ts';
import { run } from '../../src/cli/run.ts';
import shipped from '../../plugins.config.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BENCHES } from '../../src/bench/benches.ts';
import { testProgram } from './support/program.ts';
import { useTemporaryFolder } from './support/temporary-folder.ts';

const folder = useTemporaryFolder();
const parse = (...words: string[]) => parseArguments(words, '1.2.3');

describe('peerhold bench', () => {
  test('takes the name of a bench and its flags', async () => {
    expect(
      await parse('bench', 'priority', '--quick', '--seed', '7', '--report', 'out', '--strategies', 'own.ts'),
    ).toEqual({
      command: 'bench',
      bench: 'priority',
      quick: true,
      seed: 7,
      json: false,
      report: 'out',
      strategies: 'own.ts',
      config: undefined,
      emulator: undefined,
    });
    expect(await parse('bench', 'link', '--emulator', './net')).toMatchObject({ bench: 'link', emulator: './net' });
  });

  test.each([
    [['bench'], 'expected peerhold bench <name>'],
    [['bench', 'speed'], 'Choices: .*"priority"'],
    [['bench', 'priority', '--seed', 'x'], '--seed takes a whole number from 0 to 4294967295, got "x"'],
    [['bench', 'priority', '--seed', '4294967296'], '--seed takes a whole number'],
    [['bench', 'priority', '--quick', '--report', 'a', '--report', 'b'], '--report was given more than once'],
    [['bench', 'priority', '--emulator', 'file'], '--emulator goes with bench link alone'],
  ])('refuses %j', async (words, problem) => {
    await expect(parse(...words)).rejects.toMatchObject({
      code: 'ERR_USAGE',
      message: expect.stringMatching(problem) as string,
    });
  });

  test('says in its help what can be compared', async () => {
    const help = await parse('bench', '--help');
    for (const { name, about } of BENCHES)
      expect(help).toMatchObject({ text: expect.stringContaining(`${name.padEnd(11)}${about}`) as string });
    expect(await parse('--help')).toMatchObject({ text: expect.not.stringContaining('bench-worker') as string });
  });

  test('measures nothing where its report cannot go', async () => {
    await writeFile(join(folder.path, 'index.html'), 'mine');
    const { program, written } = testProgram();
    expect(await run(['bench', 'priority', '--report', folder.path], program)).toBe(1);
    await program.stderr.flush();
    expect(written.stderr).toMatch(/^peerhold: ERR_EXISTS: .*index\.html/);
  });

  test('is not run as a worker by hand', async () => {
    const { program, written } = testProgram();
    const send = Object.getOwnPropertyDescriptor(process, 'send');
    Object.defineProperty(process, 'send', { value: undefined, configurable: true });
    try {
      expect(await run(['bench-worker', 'priority', 'subject'], program)).toBe(2);
    } finally {
      if (send === undefined) Reflect.deleteProperty(process, 'send');
      else Object.defineProperty(process, 'send', send);
    }
    await program.stderr.flush();
    expect(written.stderr).toContain('started by bench, not by hand');
  });
});

describe('the plugins that are compared', () => {
  const program = testProgram({ shippedConfig: { config: shipped, source: 'the shipped config' } }).program;
  const bench = benchNamed('priority');
  const names = async (strategies: string | undefined) =>
    (await benchSetting(bench, { config: undefined, strategies }, program)).plugins.map(({ name }) => name);
  const own = async (kind: string, create: string) => {
    const path = join(folder.path, `own-${kind}.mjs`);
    const parts = `name: 'own', kind: '${kind}', about: 'A test.', options: z.strictObject({}), create: () => (${create})`;
    await writeFile(
      path,
      `import { definePlugin, z } from 'peerhold';\nexport const own = definePlugin({ ${parts} });\n`,
    );
    return path;
  };

  test('are those of the config', async () => {
    expect(await names(undefined)).toEqual(shipped.plugins.map(({ definition }) => definition.name));
  });

  test('and those of a file of the user’s', async () => {
    expect((await names(await own('neighbourPriority', '{}'))).at(-1)).toBe('own');
  });

  test('but not of another kind, which is told', async () => {
    await expect(names(await own('cipher', '{}'))).rejects.toMatchObject({
      code: 'ERR_PLUGIN',
      message: expect.stringContaining('compares plugins of kind neighbourPriority, found own (cipher)') as string,
    });
  });
});

describe('the progress line', () => {
  test('has the share done, the time left and what is measured', () => {
    const line = benchProgressLine({ fraction: 0.25, label: '1,000 neighbours' }, 10_000, 80);
    expect(line).toMatch(/^█{6}░{18} 25 % {2}30 s left {2}1,000 neighbours$/);
  });

  test('foretells nothing at the beginning, and fits a narrow terminal', () => {
    expect(benchProgressLine({ fraction: 0.001, label: 'x' }, 1_000, 80)).not.toContain('left');
    expect(benchProgressLine({ fraction: 0.5, label: 'a very long label '.repeat(5) }, 1_000, 40).length).toBeLessThan(
      40,
    );
  });
});
