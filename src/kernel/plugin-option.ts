import { z } from 'zod';
import { isPluginUse, type PluginContext, type PluginContracts, type PluginKind, type PluginUse } from './plugin.ts';

/** A plugin given as an option of another, its options parsed. Printed as JSON it is its name and options. */
export interface OptionPlugin<Kind extends PluginKind> {
  readonly name: string;
  readonly options: unknown;
  create(context: PluginContext): PluginContracts[Kind];
}

/** An option that takes a called plugin of a kind, as a slot of a profile does: for plugins that are made of others of their kind. */
export function pluginOption<Kind extends PluginKind>(kind: Kind): z.ZodType<OptionPlugin<Kind>, PluginUse<Kind>> {
  return z
    .custom<PluginUse<Kind>>(isPluginUse, { error: 'expected a called plugin, such as plugin({ … })', abort: true })
    .refine((use) => use.definition.kind === kind, {
      error: ({ input }) => `expected a plugin of kind ${kind}, got ${describeUse(input)}`,
      abort: true,
    })
    .transform((use, context) => {
      const { definition } = use;
      const parsed = definition.options.safeParse(use.options);
      if (!parsed.success) {
        // As if they stood in the schema around: told with their path, which begins at the plugin's own options.
        for (const issue of parsed.error.issues) {
          const path = ['options', ...issue.path];
          context.issues.push({ ...issue, path, input: use.options } as unknown as z.core.$ZodRawIssue);
        }
        return z.NEVER;
      }
      const create = definition.create as (options: unknown, context: PluginContext) => PluginContracts[Kind];
      return { name: definition.name, options: parsed.data, create: (world) => create(parsed.data, world) };
    });
}

/** What a value in the place of a plugin is, for a message. */
export function describeUse(input: unknown): string {
  return isPluginUse(input) ? `${input.definition.name} of kind ${input.definition.kind}` : String(input);
}
