import type { z } from 'zod';
import type { Cipher } from './cipher.ts';
import type { LogLevel, Logger } from './logger.ts';
import type { NeighbourPriority } from './neighbour-priority.ts';
import type { PieceStrategy } from './piece-strategy.ts';
import type { Transport } from './transport.ts';
import type { Clock, Random } from './world.ts';

/** Each kind of plugin and the contract it fills. The one list of kinds: `PLUGIN_KINDS` follows it. */
export interface PluginContracts {
  transport: Transport;
  cipher: Cipher;
  neighbourPriority: NeighbourPriority;
  pieceStrategy: PieceStrategy;
  logger: Logger;
}

export type PluginKind = keyof PluginContracts;

const kinds: Record<PluginKind, true> = {
  transport: true,
  cipher: true,
  neighbourPriority: true,
  pieceStrategy: true,
  logger: true,
};

/** The kinds, in the order they are shown. */
export const PLUGIN_KINDS = Object.freeze(Object.keys(kinds) as PluginKind[]);

/** Where a logger that writes to the terminal writes to. */
export interface TextOutput {
  readonly isTerminal: boolean;
  write(text: string): void;
}

/** The world, as a plugin gets it. */
export interface PluginContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Silent while the logger itself is being made. */
  readonly logger: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where a logger for people writes: standard error of the process, or the log file asked for. */
  readonly stderr: TextOutput;
  /** The log level asked for on the command line; where absent, a logger's own option holds. */
  readonly logLevel?: LogLevel | undefined;
  /** Absolute path of the directory in which the node keeps what is its own; absent where its disk is none of the file system's. */
  readonly privateDirectory?: string | undefined;
  /** Registers what ends the plugin's work, such as writing out what it holds back: called once, when all else of the node is closed. */
  onClose(close: () => Promise<void>): void;
}

/** A plugin's description. `create` gets options parsed by the schema and does no I/O. */
export interface PluginDefinition<Kind extends PluginKind, Schema extends z.ZodType> {
  /** Lower-case kebab; the same as its folder. */
  readonly name: string;
  readonly kind: Kind;
  /** One line: what it is for. */
  readonly about: string;
  /** A strict object; every option has a default, a range and a description. */
  readonly options: Schema;
  create(options: z.output<Schema>, context: PluginContext): PluginContracts[Kind];
  /** Sets of options worth measuring against each other; without them a measurement takes the defaults. */
  readonly variants?: readonly PluginVariant<Schema>[];
  /** Figures on the inside of an instance that measurements show, such as its depth, by name. */
  inspect?(instance: PluginContracts[Kind]): Readonly<Record<string, number>>;
}

/** A set of options with a name. */
export interface PluginVariant<Schema extends z.ZodType> {
  /** What tells it from the others, short: `order 64`. */
  readonly name: string;
  readonly options: z.input<Schema>;
}

const PLUGIN = Symbol.for('peerhold.plugin');
const PLUGIN_USE = Symbol.for('peerhold.plugin-use');

/** A plugin of a kind, whatever its options. */
export type AnyPluginDefinition<Kind extends PluginKind = PluginKind> = Kind extends PluginKind
  ? PluginDefinition<Kind, z.ZodType>
  : never;

/** A plugin chosen for a slot, with options not parsed yet. */
export interface PluginUse<Kind extends PluginKind = PluginKind> {
  readonly [PLUGIN_USE]: true;
  readonly definition: AnyPluginDefinition<Kind>;
  readonly options: unknown;
}

/** What `definePlugin` yields: call it in a config to fill a slot. */
export interface Plugin<Kind extends PluginKind = PluginKind, Schema extends z.ZodType = z.ZodType> {
  (options?: z.input<Schema>): PluginUse<Kind>;
  readonly [PLUGIN]: true;
  readonly definition: PluginDefinition<Kind, Schema>;
}

/** Makes a plugin: a function that, called with options in a config, fills a slot. */
export function definePlugin<Kind extends PluginKind, Schema extends z.ZodType>(
  definition: PluginDefinition<Kind, Schema>,
): Plugin<Kind, Schema> {
  const use = (options?: z.input<Schema>): PluginUse<Kind> => ({
    [PLUGIN_USE]: true,
    definition: definition as unknown as AnyPluginDefinition<Kind>,
    options: options ?? {},
  });
  return Object.assign(use, { [PLUGIN]: true as const, definition });
}

/** Whether a value came from `definePlugin`, of whichever copy of this module. */
export function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'function' && PLUGIN in value;
}

/** Whether a value came from calling a plugin. */
export function isPluginUse(value: unknown): value is PluginUse {
  return typeof value === 'object' && value !== null && PLUGIN_USE in value;
}
