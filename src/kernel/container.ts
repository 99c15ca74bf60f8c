import 'reflect-metadata';
import { container, instanceCachingFactory, type DependencyContainer, type InjectionToken } from 'tsyringe';
import type { ResolvedProfile } from './config.ts';
import type { Disk } from './disk.ts';
import type { Logger } from './logger.ts';
import type { NodeIndex } from './node-index.ts';
import { PLUGIN_KINDS, type PluginContext, type PluginContracts, type PluginKind, type TextOutput } from './plugin.ts';
import type { LogLevel } from './logger.ts';
import type { Clock, Hasher, Random } from './world.ts';

/** Everything outside a node that it touches. The node closes none of it but what its profile's plugins open. */
export interface NodeWorld {
  readonly clock: Clock;
  readonly random: Random;
  /** The shared folder. */
  readonly disk: Disk;
  readonly index: NodeIndex;
  readonly hasher: Hasher;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stderr: TextOutput;
  readonly logLevel?: LogLevel | undefined;
  /** Absolute path of the node's own directory in the shared folder, where that lies in the file system. */
  readonly privateDirectory?: string | undefined;
}

/** A typed name under which something can be had from a node's container. */
export interface Token<T> {
  readonly key: symbol;
  /** Carries the type; never set. */
  readonly type?: T;
}

/** Makes a token. Tokens are compared by identity: two of the same name differ. */
export function token<T>(name: string): Token<T> {
  return { key: Symbol(name) };
}

type SlotTokens = { readonly [Kind in PluginKind]: Token<PluginContracts[Kind]> };

/** What every node's container holds: its world, its profile, and the plugin in each slot. */
export const TOKENS = {
  clock: token<Clock>('clock'),
  random: token<Random>('random'),
  disk: token<Disk>('disk'),
  index: token<NodeIndex>('index'),
  hasher: token<Hasher>('hasher'),
  profile: token<ResolvedProfile>('profile'),
  ...(Object.fromEntries(PLUGIN_KINDS.map((kind) => [kind, token(kind)])) as SlotTokens),
} as const;

/** One node's container: things are made when first asked for, once, and shared with no other node. */
export class NodeContainer {
  readonly #container: DependencyContainer;
  /** Of the plugins, in the order they were registered. */
  readonly #closers: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  constructor(profile: ResolvedProfile, world: NodeWorld) {
    this.#container = container.createChildContainer();
    this.value(TOKENS.profile, profile);
    for (const name of ['clock', 'random', 'disk', 'index', 'hasher'] as const)
      this.value<unknown>(TOKENS[name], world[name]);
    for (const kind of PLUGIN_KINDS) this.#slot(kind, profile, world);
  }

  /** Registers something that exists. */
  value<T>(key: Token<T>, value: T): void {
    this.#container.register<T>(injectionToken(key), { useValue: value });
  }

  /** Registers how something is made, when it is first asked for. */
  factory<T>(key: Token<T>, make: (container: NodeContainer) => T): void {
    this.#container.register<T>(injectionToken(key), { useFactory: instanceCachingFactory(() => make(this)) });
  }

  /** The one instance; throws where nothing is registered under the token. */
  get<T>(key: Token<T>): T {
    return this.#container.resolve<T>(injectionToken(key));
  }

  /** Closes what the plugins opened, the last first, also where something fails to close; then rejects with the first failure. Idempotent. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#closers.toReversed()) await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  #slot(kind: PluginKind, profile: ResolvedProfile, world: NodeWorld): void {
    const slot = profile.slots[kind];
    this.factory<unknown>(TOKENS[kind], (services) => {
      const logger = kind === 'logger' ? silent : services.get(TOKENS.logger).child({ plugin: slot.definition.name });
      const { clock, random, environment, stderr, logLevel, privateDirectory } = world;
      const onClose = (close: () => Promise<void>) => void this.#closers.push(close);
      const context: PluginContext = {
        clock,
        random,
        environment,
        stderr,
        logLevel,
        privateDirectory,
        logger,
        onClose,
      };
      return slot.create(context);
    });
  }
}

function injectionToken<T>(key: Token<T>): InjectionToken<T> {
  return key.key;
}

/** What a logger plugin gets while there is no logger yet. */
const silent: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  isEnabled: () => false,
  child: () => silent,
};
