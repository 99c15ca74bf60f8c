import type { Disk, DiskFile } from '../../kernel/index.ts';

export interface DiskWrapping {
  /** What is done around each operation of the disk and of its files. */
  readonly around: <T>(operation: () => Promise<T>) => Promise<T>;
  /** What watches in place of the disk. */
  readonly watch: Disk['watch'];
}

/** A disk of which every operation goes through something else first. */
export function wrappedDisk(disk: Disk, { around, watch }: DiskWrapping): Disk {
  return {
    open: (path, mode, options) => around(async () => wrappedFile(await disk.open(path, mode, options), around)),
    make: (path, bytes) => around(() => disk.make(path, bytes)),
    read: (path, most) => around(() => disk.read(path, most)),
    rename: (from, to, options) => around(() => disk.rename(from, to, options)),
    remove: (path) => around(() => disk.remove(path)),
    stat: (path) => around(() => disk.stat(path)),
    list: (directory) => around(() => disk.list(directory)),
    makeDirectory: (path) => around(() => disk.makeDirectory(path)),
    watch,
    freeBytes: () => around(() => disk.freeBytes()),
  };
}

function wrappedFile(file: DiskFile, around: DiskWrapping['around']): DiskFile {
  const close = () => around(() => file.close());
  return {
    read: (position, length) => around(() => file.read(position, length)),
    write: (position, parts) => around(() => file.write(position, parts)),
    truncate: (length) => around(() => file.truncate(length)),
    sync: () => around(() => file.sync()),
    stat: () => around(() => file.stat()),
    close,
    [Symbol.asyncDispose]: close,
  };
}
