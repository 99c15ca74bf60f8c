import type { IncomingMessage } from 'node:http';
import { SUBPROTOCOL } from './protocol.ts';

/** Why a request for a WebSocket is not granted. */
export interface Refusal {
  /** Status code and phrase of HTTP. */
  readonly status: string;
  readonly reason: string;
}

export interface UpgradeRules {
  readonly path: string;
  /** Origin headers let in. */
  readonly origins: readonly string[];
}

/** Checks what ws leaves to us: the path, the Origin, which only browsers send, and the subprotocol. `undefined` where all is well. */
export function refusalOf({ url, headers }: IncomingMessage, { path, origins }: UpgradeRules): Refusal | undefined {
  if (url !== path) return { status: '404 Not Found', reason: 'No node listens on this path.' };
  const { origin } = headers;
  if (origin !== undefined && !origins.includes(origin)) {
    return { status: '403 Forbidden', reason: 'Web pages of this origin are not let in.' };
  }
  const offered = headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
  return offered.includes(SUBPROTOCOL)
    ? undefined
    : { status: '400 Bad Request', reason: `The subprotocol '${SUBPROTOCOL}' is not offered.` };
}
