import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file as it was written, and as it shall arrive. */
export interface WrittenFile {
  /** '/'-separated path within its folder. */
  readonly name: string;
  readonly size: number;
  /** SHA-256 in lower-case hex, computed here. */
  readonly checksum: string;
}

/** Files that one GET moves. */
export interface Load {
  /** What GET is given: a name, or a folder with its slash. */
  readonly query: string;
  readonly files: readonly WrittenFile[];
}

const CHUNK_LENGTH = 2 ** 20;

/** Writes a file whose bytes look random and come from a seed, unlike those of any other seed; nothing of this name may be there. */
export async function writeContent(
  folder: string,
  { name, size, seed }: { readonly name: string; readonly size: number; readonly seed: string },
): Promise<WrittenFile> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  await using file = await open(path, 'wx');
  for (const chunk of contentOf(seed, size)) {
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  return { name, size, checksum: hash.digest('hex') };
}

/** Writes so many bytes from a seed over those in the middle of a file. Resolves to the file as it is now. */
export async function changeMiddle(
  folder: string,
  { name, size }: WrittenFile,
  { length, seed }: { readonly length: number; readonly seed: string },
): Promise<WrittenFile> {
  const path = join(folder, name);
  {
    await using file = await open(path, 'r+');
    let at = Math.floor((size - length) / 2);
    for (const chunk of contentOf(seed, length)) {
      await file.write(chunk, 0, chunk.length, at);
      at += chunk.length;
    }
  }
  return { name, size, checksum: await checksumOf(path) };
}

/** Puts files that lie in one folder into another too; they take no further space. */
export async function linkInto(folder: string, from: string, files: readonly WrittenFile[]): Promise<void> {
  for (const { name } of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await link(join(from, name), path);
  }
}

/**
 * Reads files that a folder is to hold.
 *
 * @throws Error that names the first which is not there as it was written.
 */
export async function checkContents(folder: string, files: readonly WrittenFile[]): Promise<void> {
  for (const { name, checksum } of files) {
    const found = await checksumOf(join(folder, name)).catch((cause: unknown) => {
      throw new Error(`${name} was called received and cannot be read`, { cause });
    });
    if (found !== checksum) throw new Error(`${name} is not what was sent: its SHA-256 differs`);
  }
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_LENGTH })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A key stream of AES, which comes faster than a disk takes it; a seed is a key. */
function* contentOf(seed: string, size: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(seed).digest(), Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_LENGTH);
  for (let made = 0; made < size; made += CHUNK_LENGTH) {
    yield cipher.update(zeros.subarray(0, Math.min(CHUNK_LENGTH, size - made)));
  }
}
