import { z } from 'zod';
import { definePlugin } from '../../../kernel/index.ts';
import { silentLogger } from '../../../kit/index.ts';

/** Writes nothing, and says so when asked, so that nobody builds fields for it. */
export const silent = definePlugin({
  name: 'silent',
  kind: 'logger',
  about: 'Writes nothing: for tests, and for programs that show events in their own way.',
  options: z.strictObject({}),
  create: () => silentLogger(),
});
