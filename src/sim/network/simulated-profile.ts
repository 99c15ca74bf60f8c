import { z } from 'zod';
import {
  definePlugin,
  settingsSchema,
  type Logger,
  type PluginKind,
  type PluginUse,
  type ResolvedProfile,
  type ResolvedSlot,
  type Settings,
  type Transport,
} from '../../kernel/index.ts';

export interface SimulatedProfileOptions {
  readonly profile: ResolvedProfile;
  readonly settings: Settings;
  readonly logger: Logger;
  /** Puts the network's links over the transport of the profile. */
  readonly wrap: (transport: Transport) => Transport;
}

/** A profile as one node of a simulation has it: its transport behind links, its log in the trace. */
export function simulatedProfile({ profile, settings, logger, wrap }: SimulatedProfileOptions): ResolvedProfile {
  const { transport } = profile.slots;
  return {
    ...profile,
    settings,
    slots: {
      ...profile.slots,
      transport: { ...transport, create: (context) => wrap(transport.create(context)) },
      logger: slotOf(
        definePlugin({
          name: 'trace-of-simulation',
          kind: 'logger',
          about: 'Takes what a simulated node logs into the trace of the run.',
          options: z.strictObject({}),
          create: () => logger,
        })(),
      ),
    },
  };
}

function slotOf<Kind extends PluginKind>(use: PluginUse<Kind>): ResolvedSlot<Kind> {
  const create = use.definition.create as ResolvedSlot<Kind>['create'] extends (context: infer Context) => infer Made
    ? (options: unknown, context: Context) => Made
    : never;
  return { definition: use.definition, options: {}, create: (context) => create({}, context) };
}

/** Settings of the profile with those of the scenario over them. @throws z.ZodError */
export function settingsWith(base: Settings, changes: Readonly<Record<string, unknown>>): Settings {
  return settingsSchema.parse({ ...base, ...changes });
}
