import type { FilePieces } from '../pieces/manifest.ts';
import { pieceLengthFor } from '../pieces/piece-length.ts';
import type { FileRecord } from '../records.ts';
import { readManifest, type ManifestTable } from './manifest-table.ts';

/** Gives the records of what the folder holds their manifests. */
export class RecordManifests {
  readonly #table: ManifestTable;

  constructor(table: ManifestTable) {
    this.#table = table;
  }

  /**
   * The record with a manifest that is in the table: the one it names where that is there; else one made of the pieces, which may be those of
   * another record of the same content, since a change of version changes no piece; else none, until the content is read.
   *
   * @param pieces of the content, where it was just read.
   * @param known other records of the name.
   */
  describe(record: FileRecord, pieces: FilePieces | undefined, known: readonly (FileRecord | undefined)[]): FileRecord {
    const { checksum, manifest, name, size, version, writer } = record;
    if (manifest !== '' && (this.#table.has(manifest) || this.#table.getNow(manifest) !== undefined)) return record;
    const made = pieces ?? this.#knownPieces(record, known);
    if (checksum === '' || made === undefined) return manifest === '' ? record : { ...record, manifest: '' };
    const { pieceLength, hashes } = made;
    return { ...record, manifest: this.#table.put({ name, size, checksum, pieceLength, hashes, writer, version }) };
  }

  #knownPieces({ checksum }: FileRecord, known: readonly (FileRecord | undefined)[]): FilePieces | undefined {
    for (const other of known) {
      if (other === undefined || other.checksum !== checksum || other.manifest === '') continue;
      const manifest = readManifest(this.#table.getNow(other.manifest));
      if (manifest !== undefined) return manifest;
    }
    return undefined;
  }
}

/** Whether a file of this size can have a manifest at all. */
export function canHaveManifest(size: number): boolean {
  return pieceLengthFor({ pieceLength: () => 1_024 }, size) !== undefined;
}
