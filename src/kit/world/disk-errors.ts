import { KernelError, errorCode, type ErrorCode } from '../../kernel/index.ts';

/** What the system's errors mean for any operation. */
const GENERAL: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'ERR_DISK_FULL',
  EDQUOT: 'ERR_DISK_FULL',
  EACCES: 'ERR_ACCESS_DENIED',
  EPERM: 'ERR_ACCESS_DENIED',
  EROFS: 'ERR_ACCESS_DENIED',
};

/** What they mean where a path was given. */
const WITH_PATH: Readonly<Record<string, ErrorCode>> = {
  ...GENERAL,
  ENOENT: 'ERR_NOT_FOUND',
  EEXIST: 'ERR_EXISTS',
  ENOTEMPTY: 'ERR_EXISTS',
  // With O_NOFOLLOW: the last part is a link.
  ELOOP: 'ERR_LINK_REFUSED',
  ENAMETOOLONG: 'ERR_NAME_NOT_STORABLE',
  EILSEQ: 'ERR_NAME_NOT_STORABLE',
  EINVAL: 'ERR_NAME_NOT_STORABLE',
  // Something that is no directory stands in the way, or a directory where the file should be.
  ENOTDIR: 'ERR_NAME_NOT_STORABLE',
  EISDIR: 'ERR_NAME_NOT_STORABLE',
};

/** The system's error code, such as 'ENOENT'; '' where there is none. */
export function systemCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** A failure of an operation on a path, as the Disk contract names it. Errors of ours pass through. */
export function pathError(action: string, path: string, error: unknown): KernelError {
  return translate(WITH_PATH, action, path, error);
}

/** A failure of an operation on an open file. Errors of ours pass through. */
export function fileError(action: string, path: string, error: unknown): KernelError {
  return translate(GENERAL, action, path, error);
}

function translate(meanings: Readonly<Record<string, ErrorCode>>, action: string, path: string, error: unknown) {
  if (errorCode(error) !== undefined) return error as KernelError;
  const system = systemCode(error);
  const code = meanings[system] ?? 'ERR_DISK';
  return new KernelError(code, `cannot ${action} ${JSON.stringify(path)}: ${system || String(error)}`, {
    cause: error,
  });
}
