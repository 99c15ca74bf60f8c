import { ERROR_CODES, KernelError, type ErrorCode, type NodeId } from '../../kernel/index.ts';
import { quote } from '../messages/display.ts';
import type { RefuseMessage } from '../messages/message.ts';

/** The code of a REFUSE, ERR_TRANSFER_REFUSED where this version does not know it. */
export function refusalCode({ code }: RefuseMessage): ErrorCode {
  return Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'ERR_TRANSFER_REFUSED';
}

/** What a REFUSE means for the transfer that it ends. */
export function refusal(peer: NodeId, message: RefuseMessage): KernelError {
  const code = refusalCode(message);
  const reason = code === message.code ? ERROR_CODES[code] : `its code ${quote(message.code)} is not known here`;
  return new KernelError(code, `${peer} refused the transfer: ${reason}`);
}
