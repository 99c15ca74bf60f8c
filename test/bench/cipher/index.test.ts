import { compareCiphers, cipher as cipherBench } from '../../../src/bench/cipher/index.ts';
import { CipherTrial } from '../../../src/bench/cipher/cipher-trial.ts';
import { candidates, isMeasured } from '../../../src/bench/report.ts';
import { definePlugin, type AnyPluginDefinition, type Cipher } from '../../../src/kernel/index.ts';
import { VirtualClock } from '../../../src/kit/virtual-clock.ts';
import { aesGcm, aesJs, none } from '../../../src/plugins/index.ts';
import { createPlugin } from '../../support/create-plugin.ts';
import { benchContext } from '../support/bench-context.ts';
import { z } from 'zod';

const LENGTHS = [64, 1_024];
const PLAN = { lengths: LENGTHS, rounds: 2, sampleSeconds: 0.002 };

const trial = (cipher: Cipher) => new CipherTrial({ cipher, seed: 1, clock: new VirtualClock() });
const real = createPlugin(aesGcm());

/** The real cipher with something wrong in its records. */
function broken(change: Partial<Cipher>, records: Partial<ReturnType<Cipher['create']>>): Cipher {
  const create: Cipher['create'] = (key) => {
    const sound = real.create(key);
    return {
      seal: (sequence, plaintext) => sound.seal(sequence, plaintext),
      open: (sequence, record) => sound.open(sequence, record),
      ...records,
    };
  };
  return { ...real, create, ...change };
}

describe('the trial of a cipher', () => {
  test.each(
    [createPlugin(aesGcm()), createPlugin(aesJs()), createPlugin(none())].map((cipher) => [cipher.name, cipher]),
  )('finds nothing wrong with %s', (_name, cipher) => {
    for (const length of [1, 64, 5_000]) expect(() => trial(cipher).check(length)).not.toThrow();
  });

  test('finds a cipher that gives back other bytes', () => {
    const lying = broken({ authenticated: false }, { open: () => new Uint8Array(64) });
    expect(() => trial(lying).check(64)).toThrow('does not give back 64 bytes');
  });

  test('finds a cipher that names another overhead than it has', () => {
    expect(() => trial(broken({ overhead: 3 }, {})).check(64)).toThrow('names 3 for overhead');
  });

  test('finds a cipher that calls itself authenticated and opens what was changed', () => {
    const { create } = createPlugin(none());
    const passing: Cipher = { ...createPlugin(none()), authenticated: true, create };
    expect(() => trial(passing).check(64)).toThrow('opens');
  });

  test('never seals twice with one number', () => {
    const sequences: bigint[] = [];
    const watched = broken(
      {},
      {
        seal: (sequence, plaintext) => {
          sequences.push(sequence);
          return real.create(new Uint8Array(real.keyLength)).seal(sequence, plaintext);
        },
        open: (_sequence, record) => record,
      },
    );
    const tried = trial(watched);
    tried.seal(64, 10);
    tried.open(64, 10);
    tried.seal(64, 10);
    expect(new Set(sequences).size).toBe(sequences.length);
  });
});

describe('bench cipher', () => {
  test('measures every cipher at every length, both ways, and tells the bytes that it adds', async () => {
    const { sections } = await compareCiphers(benchContext(cipherBench), PLAN);
    expect(sections.map(({ id }) => id)).toEqual(['seal-rate', 'seal-time', 'open-rate', 'open-time', 'overhead']);
    for (const { subjects, rows } of sections) {
      for (const { cells } of rows) expect(subjects.every((name) => isMeasured(cells[name]))).toBe(true);
    }
    const [overhead] = sections.at(-1)!.rows;
    expect(overhead!.cells[real.name]).toMatchObject({ median: real.overhead });
  });

  test('has a cipher that protects nothing as a bound, so that the best of each row is one that does', async () => {
    const { sections } = await compareCiphers(benchContext(cipherBench), PLAN);
    for (const section of sections) {
      expect(section.subjects).toContain('none');
      expect(candidates(section)).toEqual(['aes-gcm', 'aes-js']);
    }
  });

  test('gives no times of a cipher with wrong answers, and goes on with the others', async () => {
    const liar = definePlugin({
      name: 'liar',
      kind: 'cipher',
      about: 'Opens everything.',
      options: z.strictObject({}),
      create: () => ({ ...createPlugin(none()), name: 'liar', authenticated: true }),
    });
    const plugins = [aesGcm, liar].map(({ definition }) => definition as unknown as AnyPluginDefinition);
    const { sections } = await compareCiphers(benchContext(cipherBench, { plugins }), PLAN);
    const timed = sections.filter(({ id }) => id !== 'overhead');
    for (const { rows } of timed) {
      for (const { cells } of rows) {
        expect(cells['liar']).toEqual({ failed: expect.stringContaining('opens') as string });
        expect(isMeasured(cells[real.name])).toBe(true);
      }
    }
  });

  test('ends with the reason where it is given up', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(compareCiphers(benchContext(cipherBench, { signal }), PLAN)).rejects.toThrow('enough');
  });
});
