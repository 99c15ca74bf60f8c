import { parseDocument } from 'yaml';
import { z } from 'zod';
import { KernelError, toError } from '../../kernel/index.ts';
import { linkConditionsSchema } from '../impairment/link-conditions.ts';
import { eventSchema, nodeName, nodeOrGroup, seconds } from './event-schema.ts';
import { EXPECTATIONS } from './expectation-names.ts';

const perMinute = z.number().min(0).max(6_000).default(0);
const range = z.tuple([z.number().min(0), z.number().min(0)]);

/** What happens at random: how often a minute in the whole network, each kind at times of its own (a Poisson process). */
const churnSchema = z.strictObject({
  write: perMinute.describe('A node writes a file, new or over what it has under the name.'),
  delete: perMinute.describe('A node deletes a file of its folder.'),
  get: perMinute.describe('A node fetches a file.'),
  send: perMinute.describe('A node sends a file to all others.'),
  add: perMinute.describe('A node is told the address of another.'),
  join: perMinute.describe('A node comes that was never there.'),
  leave: perMinute.describe('A node says BYE.'),
  kill: perMinute.describe('The process of a node dies: its connections break, its disk is as it was.'),
  crash: perMinute.describe('The machine of a node dies: silence, and what was not synced is lost.'),
  restart: perMinute.describe('A node that is down starts again.'),
  cut: perMinute.describe('Two nodes cannot reach each other for a while.'),
  partition: perMinute.describe('The network falls into two parts for a while.'),
  cutSeconds: range.default([1, 8]).describe('How long a cut or partition lasts: between these.'),
  files: z.int().min(1).max(1_000).default(6).describe('How many names files have.'),
  bytes: range.default([1, 4_000]).describe('How large files are: between these.'),
  minimumUp: z.int().min(1).optional().describe('How many nodes stay up, at least; half of them where it is left out.'),
});

export const scenarioSchema = z.strictObject({
  about: z.string().optional(),
  nodes: z.int().min(1).max(2_000).default(5).describe('How many nodes there are at the beginning.'),
  topology: z
    .union([z.enum(['line', 'ring', 'star', 'random', 'full', 'none']), z.array(z.tuple([nodeName, nodeName]))])
    .default('random')
    .describe('Who is told the address of whom at the beginning.'),
  startGapMs: z
    .number()
    .min(0)
    .max(60_000)
    .default(100)
    .describe('Time from the start of one node to that of the next.'),
  seconds: seconds.default(60).describe('How long things happen.'),
  settleSeconds: seconds
    .default(30)
    .describe('How long all is quiet afterwards, every cut mended, until what must hold is looked at.'),
  steadySeconds: seconds
    .optional()
    .describe('The run is over sooner once what must hold at the end has held for so long. Without it, it is not.'),
  groups: z.record(nodeOrGroup, z.array(nodeName).min(1)).default({}),
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Settings of every node, over those of the profile.'),
  links: z
    .array(
      z.strictObject({
        between: z.array(nodeOrGroup).min(1).max(2).optional(),
        ...linkConditionsSchema.shape,
      }),
    )
    .default([])
    .describe('What links do; of several that fit, the last holds.'),
  events: z.array(eventSchema).max(100_000).default([]),
  churn: churnSchema.optional(),
  expect: z
    .strictObject({
      end: z.array(z.enum(EXPECTATIONS.end)).default([...EXPECTATIONS.end]),
      always: z.array(z.enum(EXPECTATIONS.always)).default(['no errors', 'none invented']),
    })
    .prefault({}),
});

/** What is to happen in a simulated network, and what must hold. */
export type Scenario = Readonly<z.output<typeof scenarioSchema>>;
export type Churn = NonNullable<Scenario['churn']>;

/**
 * Reads a scenario from YAML.
 *
 * @param source what the text is called in messages.
 * @throws ERR_USAGE naming every mistake with the path to it.
 */
export function readScenario(text: string, source: string): Scenario {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new KernelError('ERR_USAGE', `${source}: ${toError(broken).message.split('\n')[0] ?? ''}`);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const parsed = scenarioSchema.safeParse(value ?? {});
  const problems = parsed.success ? unknownNames(parsed.data) : parsed.error.issues.map(describeIssue);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new KernelError('ERR_USAGE', `${source}: ${problems.join('\n  ')}`);
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const where = path.map((part, index) =>
    typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`,
  );
  return `${where.join('') || 'the scenario'}: ${message}`;
}

/** Groups that are named and not there. */
function unknownNames({ groups, links, events }: Scenario): string[] {
  const isKnown = (name: string) => /^n[0-9]+$/.test(name) || Object.hasOwn(groups, name);
  const problems: string[] = [];
  const check = (where: string, names: readonly unknown[]) => {
    for (const name of names) {
      if (typeof name !== 'string' || isKnown(name)) continue;
      const known = Object.keys(groups).join(', ') || 'none';
      problems.push(`${where}: no group is called ${JSON.stringify(name)}; groups: ${known}`);
    }
  };
  for (const [index, link] of links.entries()) check(`links[${index}].between`, link.between ?? []);
  for (const [index, event] of events.entries()) {
    if (event.verb === 'partition') check(`events[${index}].partition`, event.partition);
    if (event.verb === 'link') check(`events[${index}].link`, event.link);
  }
  return problems;
}
