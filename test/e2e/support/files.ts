import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK = 1024 * 1024;

/** Writes a file of random bytes, of any size, in little memory; resolves to its SHA-256. */
export async function writeRandomFile(path: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(path, 'wx');
  for (let written = 0; written < size; written += CHUNK) {
    const bytes = randomBytes(Math.min(CHUNK, size - written));
    hash.update(bytes);
    await file.writeFile(bytes);
  }
  return hash.digest('hex');
}

/** SHA-256 of a file, read here and not asked of a node. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Writes bytes over a part of a file, as a program does that changes it in place. */
export async function overwrite(path: string, position: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
}
