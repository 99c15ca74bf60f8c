import { readFileSync } from 'node:fs';
import { ERROR_CODES, KernelError, errorCode, toError } from '../../src/kernel/index.ts';

describe('KernelError', () => {
  test('carries its code, message and cause', () => {
    const cause = new Error('below');
    const error = new KernelError('ERR_DIAL_FAILED', 'nobody there', { cause });
    expect(error).toMatchObject({ name: 'KernelError', code: 'ERR_DIAL_FAILED', message: 'nobody there', cause });
    expect(error).toBeInstanceOf(Error);
  });
});

describe('errorCode', () => {
  test('knows an error of another copy of the module by its code', () => {
    expect(errorCode(Object.assign(new Error('x'), { code: 'ERR_FULL' }))).toBe('ERR_FULL');
  });

  test.each([
    ['an error without a code', new Error('x')],
    ['a code that is not ours', Object.assign(new Error('x'), { code: 'ENOENT' })],
    ['a code that every object has', Object.assign(new Error('x'), { code: 'toString' })],
    ['a code that is a number', Object.assign(new Error('x'), { code: 5 })],
    ['something that is no error', { code: 'ERR_FULL' }],
    ['nothing', undefined],
  ])('is undefined for %s', (_what, thrown) => expect(errorCode(thrown)).toBeUndefined());
});

describe('toError', () => {
  test('keeps an error and wraps anything else', () => {
    const error = new Error('x');
    expect(toError(error)).toBe(error);
    expect(toError('text')).toEqual(new Error('text'));
  });
});

describe('docs/errors.md', () => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(ERR_[A-Z_]+)` \| (.+?) \| (.+?) \|$/gm)].map(([, code, meaning, remedy]) => ({
    code,
    meaning,
    remedy,
  }));

  test('lists the codes there are, in their order, each once', () => {
    expect(rows.map(({ code }) => code)).toEqual(Object.keys(ERROR_CODES));
  });

  test('gives each code the meaning that the code gives it', () => {
    expect(Object.fromEntries(rows.map(({ code, meaning }) => [code, meaning]))).toEqual(ERROR_CODES);
  });

  test('says for each what to do', () => {
    for (const { code, remedy } of rows)
      expect([code, remedy]).toEqual([code, expect.stringMatching(/^[A-Z].{15,}\.$/)]);
  });
});
