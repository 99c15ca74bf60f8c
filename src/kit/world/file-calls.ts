import { close, fstat, fsync, ftruncate, link, lstat, open, read, unlink, writev } from 'node:fs';
import { promisify } from 'node:util';

/**
 * Calls of the file system that are made for every file, on numbers of open files: half the processor time of `node:fs/promises`, whose objects
 * cost more than a small file does. Whoever opens closes, and not before what he began with the number has ended.
 */
export const fileCalls = {
  close: promisify(close),
  fstat: promisify(fstat),
  fsync: promisify(fsync),
  ftruncate: promisify(ftruncate),
  link: promisify(link),
  lstat: promisify(lstat),
  open: promisify(open),
  read: promisify(read),
  unlink: promisify(unlink),
  writev: promisify(writev),
};
