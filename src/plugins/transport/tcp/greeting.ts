import { streamGreeting } from '../../../kit/index.ts';

const FRAMING_VERSION = 1;

/** What both sides say first; the dialler begins. */
export const GREETING = streamGreeting('tcp', FRAMING_VERSION);
