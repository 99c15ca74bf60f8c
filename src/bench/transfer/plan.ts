const MIB = 2 ** 20;

/** Samples of one kind. */
export interface Sampling {
  readonly rounds: number;
  /** Once the samples have taken this long no further round is begun, except up to the least number of rounds. */
  readonly seconds: number;
}

/** One file that moves whole. */
export interface LargePlan extends Sampling {
  readonly bytes: number;
  /** Of a file that moves between the same two processes before, so that their code is compiled. */
  readonly warmBytes: number;
}

/** A folder that moves by one command. */
export interface FolderPlan extends Sampling {
  readonly files: number;
  readonly fileBytes: number;
  /** Files that move before. */
  readonly warmFiles: number;
}

/** A file from several sources. */
export interface SourcesPlan extends Sampling {
  readonly bytes: number;
  /** What each source sends at most, in bytes a second. */
  readonly rate: number;
}

/** A file of which a part in its middle is written anew. */
export interface ChangePlan {
  readonly bytes: number;
  readonly changedBytes: number;
  readonly rounds: number;
}

/** How much is measured. */
export interface TransferPlan {
  readonly large: LargePlan;
  readonly folder: FolderPlan;
  readonly sources: SourcesPlan;
  readonly change: ChangePlan;
}

export const FULL_PLAN: TransferPlan = {
  large: { bytes: 1_024 * MIB, warmBytes: 32 * MIB, rounds: 7, seconds: 180 },
  folder: { files: 2_000, fileBytes: 16 * 1_024, warmFiles: 500, rounds: 5, seconds: 30 },
  sources: { bytes: 96 * MIB, rate: 10_000_000, rounds: 2, seconds: 60 },
  change: { bytes: 256 * MIB, changedBytes: MIB, rounds: 2 },
};

export const QUICK_PLAN: TransferPlan = {
  large: { bytes: 32 * MIB, warmBytes: 8 * MIB, rounds: 2, seconds: 15 },
  folder: { files: 200, fileBytes: 16 * 1_024, warmFiles: 20, rounds: 2, seconds: 8 },
  sources: { bytes: 8 * MIB, rate: 3_000_000, rounds: 1, seconds: 10 },
  change: { bytes: 32 * MIB, changedBytes: MIB, rounds: 1 },
};

/** For indexes, logs and the like. */
const SPARE_BYTES = 64 * MIB;

/** Bytes of disk that a run needs at most: its parts follow each other, and each leaves nothing behind. */
export function spaceNeeded({ large, folder, sources, change }: TransferPlan): number {
  const ofParts = [
    // What is sent, and what one receiver has of it.
    2 * (large.bytes + large.warmBytes),
    // What is sent, and what every receiver of both profiles has of it.
    (1 + 2 * folder.rounds) * (folder.files + folder.warmFiles) * folder.fileBytes,
    (SOURCE_COUNTS.length + 1) * sources.bytes,
    // The receiver keeps what the changes replaced.
    (change.rounds + 3) * change.bytes,
  ];
  return Math.max(...ofParts) + SPARE_BYTES;
}

/** How many sources a file comes from; each has a file of its own that so many hold. */
export const SOURCE_COUNTS = [1, 3, 4] as const;
