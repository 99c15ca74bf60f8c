import { createPrivateKey, type KeyObject } from 'node:crypto';
import { KernelError, errorCode, type Disk, type Random } from '../../kernel/index.ts';
import { IDENTITY_FILE, PRIVATE_DIRECTORY } from '../layout.ts';
import { ED25519_KEY_LENGTH, identityFrom, privateKeyFromSeed, type Identity } from './identity.ts';

export interface LoadIdentityOptions {
  /** The node's folder. */
  readonly disk: Disk;
  /** Fit for keys. */
  readonly random: Random;
}

/** Where a new key is written before it gets its name; what a crash left here is not a key yet. */
const UNFINISHED_FILE = `${IDENTITY_FILE}.new`;

/** More than any Ed25519 key in PEM takes. */
const MAX_FILE_LENGTH = 4_096;

/**
 * The identity of the folder: the one kept there, else a new one, kept before it is returned. A crash leaves the old file or the new, whole.
 *
 * @throws ERR_KEY_UNREADABLE where the file is damaged, or can be neither read nor made: it is never replaced, since the node would
 * then be somebody else.
 */
export async function loadIdentity({ disk, random }: LoadIdentityOptions): Promise<Identity> {
  try {
    return identityFrom((await readKey(disk)) ?? (await makeKey(disk, random)));
  } catch (error) {
    if (errorCode(error) === 'ERR_KEY_UNREADABLE') throw error;
    throw new KernelError('ERR_KEY_UNREADABLE', `the identity in ${IDENTITY_FILE} can be neither read nor made`, {
      cause: error,
    });
  }
}

async function readKey(disk: Disk): Promise<KeyObject | undefined> {
  let bytes: Uint8Array;
  try {
    await using file = await disk.open(IDENTITY_FILE, 'read');
    bytes = await file.read(0, MAX_FILE_LENGTH);
  } catch (error) {
    if (errorCode(error) === 'ERR_NOT_FOUND') return undefined;
    throw error;
  }
  return parseKey(bytes);
}

function parseKey(bytes: Uint8Array): KeyObject {
  const damaged = (options?: ErrorOptions) =>
    new KernelError(
      'ERR_KEY_UNREADABLE',
      `${IDENTITY_FILE} holds no Ed25519 private key in PEM; put back a copy, or remove it to become a new node`,
      options,
    );
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: Buffer.from(bytes), format: 'pem' });
  } catch (error) {
    throw damaged({ cause: error });
  }
  if (key.asymmetricKeyType !== 'ed25519') throw damaged();
  return key;
}

async function makeKey(disk: Disk, random: Random): Promise<KeyObject> {
  const key = privateKeyFromSeed(random.bytes(ED25519_KEY_LENGTH));
  await disk.makeDirectory(PRIVATE_DIRECTORY);
  await disk.remove(UNFINISHED_FILE);
  {
    await using file = await disk.open(UNFINISHED_FILE, 'create', { private: true });
    await file.write(0, [Buffer.from(key.export({ format: 'pem', type: 'pkcs8' }))]);
    await file.sync();
  }
  await disk.rename(UNFINISHED_FILE, IDENTITY_FILE, { replace: false });
  return key;
}
