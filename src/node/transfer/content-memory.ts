import { discard } from '../../kit/world/discard.ts';
import { RECORD_HEADER_LENGTH } from '../link/record-stream.ts';
import { DATA_OFFSET } from '../messages/binary-messages.ts';

/** What stands before the content of a DATA in the memory that its record was opened into. */
const HEAD = RECORD_HEADER_LENGTH + DATA_OFFSET;

/** Gives back the memory of a content that came, after its last use: that of the DATA it came in, or its own. */
export function discardContent(bytes: Uint8Array): void {
  discard(bytes, HEAD);
  discard(bytes);
}
