import { z } from 'zod';

const fraction = (about: string) => z.number().min(0).max(1).default(0).describe(about);
const milliseconds = (about: string) => z.number().min(0).max(600_000).default(0).describe(about);

/** What a link does to what goes over it. A link without conditions carries everything at once. */
export const linkConditionsSchema = z.strictObject({
  delayMs: milliseconds('Time from one end to the other, one way.'),
  jitterMs: milliseconds('What the delay varies by: up to so much is added to it.'),
  loss: fraction('Share of packets that are lost and have to be sent again.'),
  reorder: fraction(
    'Share of packets that are overtaken: what comes behind waits for them as long as the delay once more.',
  ),
  duplicate: fraction('Share of packets that go over the link twice: they take its rate, and nobody sees them.'),
  bytesPerSecond: z.number().min(100).max(1e12).optional().describe('What the link carries in each direction.'),
});

/** Conditions of one direction of a link; see `linkConditionsSchema`. */
export type LinkConditions = Readonly<z.output<typeof linkConditionsSchema>>;

/** A link that changes nothing. */
export const PERFECT: LinkConditions = Object.freeze(linkConditionsSchema.parse({}));
