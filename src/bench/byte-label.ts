const KIB = 1_024;
const MIB = KIB * KIB;

/** A whole number of bytes, KiB or MiB as rows are named: `64 B`, `16 KiB`, `1 MiB`. */
export function byteLabel(bytes: number): string {
  if (bytes >= MIB) return `${bytes / MIB} MiB`;
  return bytes >= KIB ? `${bytes / KIB} KiB` : `${bytes} B`;
}
