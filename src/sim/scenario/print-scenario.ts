import { Document, isCollection, isScalar, visit } from 'yaml';
import { plainEvent } from './event-schema.ts';
import type { Scenario } from './scenario.ts';
import type { Timeline } from './timeline.ts';
import type { Edges } from './topology.ts';

/** A scenario file in which nothing is left to chance but what the seed does on the links: every event stands there. */
export function printScenario(scenario: Scenario, edges: Edges, timeline: Timeline): string {
  const { links, groups, settings, ...rest } = scenario;
  const document = new Document({
    ...rest,
    churn: undefined,
    topology: edges,
    ...(Object.keys(groups).length > 0 && { groups }),
    ...(Object.keys(settings).length > 0 && { settings }),
    links: links.map((link) => Object.fromEntries(Object.entries(link).filter(([, value]) => value !== 0))),
    events: timeline.map(plainEvent),
  });
  visit(document, {
    // Lists of lists and lists of things stand one a line; what is in them, on that line.
    Collection: (_key, node, path) => {
      if (path.length >= 4 || (isCollection(node) && node.items.every(isScalar) && path.length > 2)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 140 });
}
