/** A link with a rate: the same in both directions. */
export interface LinkShape {
  /** What the rows call it. */
  readonly label: string;
  /** Million bits of IP packets a second. */
  readonly rateMbit: number;
  /** One way, in milliseconds: an idle round trip takes twice this. */
  readonly delayMs: number;
  /** Packets lost by chance, in percent. */
  readonly lossPercent?: number;
  /** Packets held back while others overtake them, in percent. */
  readonly reorderPercent?: number;
  /** The delay wanders by up to this much to either side, in milliseconds. */
  readonly jitterMs?: number;
  /** Packets that wait beyond so many bytes are dropped. */
  readonly queueBytes: number;
}

/** Samples of one kind: how long the flows run before they are counted, and for how long they are. */
export interface WatchPlan {
  readonly rounds: number;
  readonly skipSeconds: number;
  readonly seconds: number;
}

/** How much is measured within this machine. */
export interface LoopbackPlan {
  /** Bytes of the one transfer, in frames of FRAME_LENGTH. */
  readonly transferBytes: number;
  readonly rounds: number;
  /** What a transfer should take, and a sample of round trips, in seconds: subjects that take twice as long have fewer samples. */
  readonly transferSeconds: number;
  readonly exchangeSeconds: number;
  /** What goes there and back before it is timed, in seconds: the first ten thousands of messages are what compiles the code that answers the rest. */
  readonly warmSeconds: number;
  /** Connections that do nothing, and for how long and how often they are watched. */
  readonly idleConnections: number;
  readonly idleSeconds: number;
  readonly idleSamples: number;
}

/** How much is measured. */
export interface LinkPlan {
  /** Links with one flow. */
  readonly links: readonly LinkShape[];
  /** The link that two flows share, and for how many pairs of them that is measured. */
  readonly shared: LinkShape;
  readonly most: { readonly pairs: number };
  readonly alone: WatchPlan;
  readonly together: WatchPlan;
  /** Each process first talks to itself for so long, until its code is compiled as it will be. */
  readonly warmSeconds: number;
  readonly loopback: LoopbackPlan;
}

/** Bytes in a frame over links: short, so that slow links are measured finely. */
export const LINK_FRAME_LENGTH = 16 * 1_024;
/** Bytes in a frame of the transfer over the loopback: what files travel in. */
export const FRAME_LENGTH = 64 * 1_024;
/** Bytes of a message that goes to and fro. */
export const MESSAGE_LENGTH = 64;

const MIB = 2 ** 20;

/** The queue holds one product of bandwidth and round-trip time, as routers are advised to have. */
function link(label: string, shape: Omit<LinkShape, 'label' | 'queueBytes'>): LinkShape {
  const queueBytes = ((shape.rateMbit * 1e6) / 8) * ((2 * shape.delayMs) / 1e3);
  return { label, ...shape, queueBytes };
}

const FAR = { rateMbit: 100, delayMs: 25 };
const CLEAN = link('100 Mbit/s, 25 ms', FAR);
const LOSSY = link('1 % loss', { ...FAR, lossPercent: 1 });

export const FULL_PLAN: LinkPlan = {
  links: [
    CLEAN,
    LOSSY,
    link('5 % loss', { ...FAR, lossPercent: 5 }),
    link('1 % loss, 1 % reordered, 2 ms jitter', { ...FAR, lossPercent: 1, reorderPercent: 1, jitterMs: 2 }),
    link('300 Mbit/s, 5 ms, 0.1 % loss', { rateMbit: 300, delayMs: 5, lossPercent: 0.1 }),
  ],
  shared: CLEAN,
  most: { pairs: Infinity },
  alone: { rounds: 3, skipSeconds: 0, seconds: 8 },
  together: { rounds: 3, skipSeconds: 10, seconds: 15 },
  warmSeconds: 0.5,
  loopback: {
    transferBytes: 512 * MIB,
    rounds: 5,
    transferSeconds: 2,
    exchangeSeconds: 0.5,
    warmSeconds: 3,
    idleConnections: 1_000,
    idleSeconds: 15,
    idleSamples: 3,
  },
};

export const QUICK_PLAN: LinkPlan = {
  links: [CLEAN, LOSSY],
  shared: CLEAN,
  most: { pairs: 2 },
  alone: { rounds: 1, skipSeconds: 0, seconds: 4 },
  together: { rounds: 1, skipSeconds: 3, seconds: 5 },
  warmSeconds: 0.3,
  loopback: {
    transferBytes: 64 * MIB,
    rounds: 3,
    transferSeconds: 0.3,
    exchangeSeconds: 0.2,
    warmSeconds: 0.5,
    idleConnections: 1_000,
    idleSeconds: 15,
    idleSamples: 1,
  },
};
