import { z } from 'zod';
import { linkConditionsSchema } from '../impairment/link-conditions.ts';

const NODE = /^n[1-9][0-9]{0,3}$/;
const name = z.string().min(1).max(200);
/** A node, `n1` for the first. */
export const nodeName = z.string().regex(NODE, 'expected a node: n1, n2, …');
/** A node or a group of nodes. */
export const nodeOrGroup = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'expected a node or a group');
const pair = z.tuple([nodeName, nodeName]);
/** Virtual seconds since the beginning, to the millisecond. */
export const seconds = z.number().min(0).max(86_400);
const lasting = seconds.min(0.001).optional();
const at = seconds.describe('Virtual seconds since the beginning.');
const between = z.tuple([seconds.min(0.001), seconds.min(0.001)]);
const onNode = { on: nodeName };

/** What can happen, by the word that names it, and what else has to be said. */
export const eventSchemas = {
  join: z.strictObject({ at, join: nodeName, to: nodeName }),
  leave: z.strictObject({ at, leave: nodeName }),
  kill: z.strictObject({ at, kill: nodeName }),
  crash: z.strictObject({ at, crash: nodeName }),
  crashes: z.strictObject({ at, crashes: z.number().gt(0).lt(1) }),
  restart: z.strictObject({ at, restart: nodeName }),
  starve: z.strictObject({
    at,
    starve: nodeName,
    seconds: seconds.min(0.001),
    stopSeconds: between.default([0.5, 4]),
    runSeconds: between.default([0.2, 2]),
  }),
  add: z.strictObject({ at, add: pair }),
  cut: z.strictObject({ at, cut: pair, seconds: lasting }),
  heal: z.strictObject({ at, heal: z.union([pair, z.literal('all')]) }),
  partition: z.strictObject({
    at,
    partition: z.array(z.union([nodeOrGroup, z.array(nodeName)])).min(1),
    seconds: lasting,
  }),
  link: z.strictObject({ at, link: z.array(nodeOrGroup).min(1).max(2), conditions: linkConditionsSchema }),
  write: z.strictObject({
    at,
    write: name,
    ...onNode,
    bytes: z
      .int()
      .min(0)
      .max(16 * 1_024 * 1_024)
      .default(1_000),
  }),
  delete: z.strictObject({ at, delete: name, ...onNode }),
  get: z.strictObject({ at, get: name, ...onNode }),
  send: z.strictObject({ at, send: name, ...onNode }),
} as const;

type Schemas = typeof eventSchemas;
/** The words that name what happens. */
export type Verb = keyof Schemas;
/** One thing that happens, at its time. */
export type ScenarioEvent = { [Each in Verb]: Readonly<z.output<Schemas[Each]>> & { readonly verb: Each } }[Verb];
/** What is done to a network: nothing in it is left to chance any more. */
export type TimelineEvent = Exclude<ScenarioEvent, { readonly verb: 'crashes' }>;
/** Events of one kind. */
export type EventOf<Each extends Verb> = Extract<ScenarioEvent, { readonly verb: Each }>;

const VERBS = Object.keys(eventSchemas) as Verb[];

/** An event as a scenario writes it: the word that names it is one of its keys. */
export const eventSchema = z.record(z.string(), z.unknown()).transform((value, context): ScenarioEvent => {
  const found = VERBS.filter((verb) => Object.hasOwn(value, verb));
  const [verb] = found;
  if (verb === undefined || found.length > 1) {
    const given = found.length > 1 ? found.join(' and ') : Object.keys(value).join(', ') || 'nothing';
    context.addIssue({ code: 'custom', message: `expected what happens, one of ${VERBS.join(', ')}; found ${given}` });
    return z.NEVER;
  }
  const parsed = eventSchemas[verb].safeParse(value);
  if (parsed.success) return { ...parsed.data, verb } as ScenarioEvent;
  for (const issue of parsed.error.issues)
    context.addIssue({ ...issue, code: 'custom', message: issue.message, path: issue.path });
  return z.NEVER;
});

/** An event as a scenario writes it. */
export function plainEvent(event: ScenarioEvent): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'verb'));
}
