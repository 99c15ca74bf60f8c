import { errorCode, type Disk, type DiskStat, type ErrorCode, type Logger } from '../../kernel/index.ts';

/** What a stat of a name means where it says that there is nothing to share. */
const NOTHING_THERE = new Set<ErrorCode | undefined>(['ERR_NOT_FOUND', 'ERR_LINK_REFUSED', 'ERR_NAME_NOT_STORABLE']);

/** What is there under a name; 'unknown' where it cannot be told, and so nothing is concluded. */
export async function lookAt(
  name: string,
  { disk, logger }: { readonly disk: Pick<Disk, 'stat'>; readonly logger: Logger },
): Promise<DiskStat | undefined | 'unknown'> {
  try {
    return await disk.stat(name);
  } catch (error) {
    const code = errorCode(error);
    if (NOTHING_THERE.has(code)) return undefined;
    logger.debug('folder.look_failed', { name, code });
    return 'unknown';
  }
}
