import { KernelError } from '../../../src/kernel/index.ts';
import { fileError, pathError } from '../../../src/kit/world/disk-errors.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: it failed`), { code });

describe('what the errors of the system mean', () => {
  test.each([
    ['ENOSPC', 'ERR_DISK_FULL'],
    ['EDQUOT', 'ERR_DISK_FULL'],
    ['EACCES', 'ERR_ACCESS_DENIED'],
    ['EPERM', 'ERR_ACCESS_DENIED'],
    ['EROFS', 'ERR_ACCESS_DENIED'],
    ['EIO', 'ERR_DISK'],
  ])('%s is %s, of a path and of an open file', (system, code) => {
    expect([pathError('open', 'a', failure(system)).code, fileError('read', 'a', failure(system)).code]).toEqual([
      code,
      code,
    ]);
  });

  test.each([
    ['ENOENT', 'ERR_NOT_FOUND'],
    ['EEXIST', 'ERR_EXISTS'],
    ['ELOOP', 'ERR_LINK_REFUSED'],
    ['ENAMETOOLONG', 'ERR_NAME_NOT_STORABLE'],
    ['EILSEQ', 'ERR_NAME_NOT_STORABLE'],
    ['EINVAL', 'ERR_NAME_NOT_STORABLE'],
  ])('%s is %s of a path, and a failure of the disk for an open file', (system, code) => {
    expect([pathError('open', 'a', failure(system)).code, fileError('read', 'a', failure(system)).code]).toEqual([
      code,
      'ERR_DISK',
    ]);
  });

  test('says what could not be done with which path, and keeps the cause', () => {
    const cause = failure('EIO');
    const error = pathError('open', 'a\nb', cause);
    expect(error.message).toBe('cannot open "a\\nb": EIO');
    expect(error.cause).toBe(cause);
  });

  test('lets errors of ours through', () => {
    const ours = new KernelError('ERR_NAME', 'no');
    expect(pathError('open', 'a', ours)).toBe(ours);
  });
});
