import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blake3 } from '../../src/kit/blake3.ts';
import { openLevelIndex, silentLogger } from '../../src/kit/index.ts';
import { partialRow } from '../../src/node/files/file-rows.ts';
import { IndexRows } from '../../src/node/files/index-rows.ts';
import { ManifestTable, readManifest } from '../../src/node/files/manifest-table.ts';
import { INDEX_DIRECTORY, PARTIAL_DIRECTORY } from '../../src/node/layout.ts';
import { isPiece, pieceCount, pieceRange } from '../../src/node/pieces/manifest.ts';
import { PieceSet } from '../../src/node/pieces/piece-set.ts';

/**
 * What the index of a folder whose node has ended says of files on their way in and the disk does not have: pieces that are not there, or have
 * another content. Where the process `died`, the file itself may be missing, since it gets its name before the row goes.
 */
export async function falseClaims(folder: string, { died }: { readonly died: boolean }): Promise<string[]> {
  const { index, condition } = await openLevelIndex(join(folder, INDEX_DIRECTORY));
  try {
    const found = condition === 'sound' ? [] : [`left an index that had to be ${condition}`];
    const manifests = new ManifestTable({ index, logger: silentLogger() });
    await manifests.open();
    for (const [hash, value] of await new IndexRows(index, 'partials').all()) {
      const row = partialRow.safeParse(value).data;
      const manifest = readManifest(await manifests.get(hash));
      if (row === undefined || manifest === undefined) {
        found.push(`left a row of a file on its way in that nobody can read, or no manifest for it: ${hash}`);
        continue;
      }
      const bytes = await readFile(join(folder, PARTIAL_DIRECTORY, hash)).catch(() => undefined);
      if (bytes === undefined && died) continue;
      const claimed = PieceSet.fromBytes(pieceCount(manifest), Buffer.from(row.held, 'base64'));
      for (let piece = 0; piece < claimed.count; piece++) {
        if (!claimed.has(piece)) continue;
        const { position, length } = pieceRange(manifest, piece);
        const content = bytes?.subarray(position, position + length) ?? new Uint8Array();
        if (content.length === length && isPiece(manifest, piece, blake3(content))) continue;
        found.push(`claims piece ${piece} of ${manifest.name} in ${hash}, which is not on disk`);
      }
    }
    return found;
  } finally {
    await index.close();
  }
}
