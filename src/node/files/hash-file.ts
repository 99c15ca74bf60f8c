import { KernelError, type AbortOptions, type Disk, type DiskFile, type Hasher } from '../../kernel/index.ts';
import { factsOf, sameFacts, type FileFacts } from './file-facts.ts';

/** Bytes in memory of a file being hashed; larger saves round trips to the hasher. */
const CHUNK_LENGTH = 256 * 1024;

/** A file's SHA-256, and the facts it had while it was read. */
export interface HashedFile {
  readonly checksum: string;
  readonly facts: FileFacts;
}

/** The SHA-256 of an open file, read in chunks from its start to its end. */
export async function hashOpenFile(
  file: Pick<DiskFile, 'read'>,
  hasher: Hasher,
  { signal }: AbortOptions = {},
): Promise<string> {
  const stream = hasher.create();
  try {
    for (let position = 0; ;) {
      signal?.throwIfAborted();
      const bytes = await file.read(position, CHUNK_LENGTH);
      if (bytes.length === 0) return await stream.digest();
      position += bytes.length;
      await stream.update(bytes);
    }
  } finally {
    stream.discard();
  }
}

/**
 * Hashes a file of the folder and makes sure that it was the same file all along.
 *
 * @throws ERR_FILE_CHANGED where it was written to meanwhile, and the codes of the disk.
 */
export async function hashFile(
  disk: Pick<Disk, 'open'>,
  path: string,
  hasher: Hasher,
  options: AbortOptions = {},
): Promise<HashedFile> {
  await using file = await disk.open(path, 'read');
  const facts = factsOf(await file.stat());
  const checksum = await hashOpenFile(file, hasher, options);
  if (facts === undefined || !sameFacts(facts, factsOf(await file.stat()))) {
    throw new KernelError('ERR_FILE_CHANGED', `${JSON.stringify(path)} changed while it was hashed`);
  }
  return { checksum, facts };
}
