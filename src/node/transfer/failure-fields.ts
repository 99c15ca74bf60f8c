import { errorCode, type LogFields } from '../../kernel/index.ts';
import { escapeForDisplay } from '../messages/display.ts';

/** What an event says of an error. */
export function failureFields(error: unknown): LogFields {
  const reason = error instanceof Error ? error.message : String(error);
  return { code: errorCode(error), reason: escapeForDisplay(reason) };
}
