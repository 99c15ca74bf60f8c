import type { LogFields } from '../../kernel/index.ts';
import { errorCode } from '../../kernel/index.ts';
import { decodeFrame } from './codec.ts';
import { escapeForDisplay } from './display.ts';
import type { DecodedFrame, NodeKnowledge } from './message.ts';

/**
 * What the network log says of a frame: type, size in bytes, and what tells one message of its type from another, so that the log alone shows
 * every message sequence. File names are escaped for display; the content of files is never in it. Never throws: a frame that is
 * malformed is described as that.
 */
export function describeFrame(frame: Uint8Array): LogFields & { readonly type: string } {
  const size = frame.length;
  try {
    const decoded = decodeFrame(frame);
    return { type: decoded.type, size, ...details(decoded) };
  } catch (error) {
    return {
      type: 'MALFORMED',
      size,
      code: errorCode(error),
      problem: error instanceof Error ? error.message : undefined,
    };
  }
}

function details(message: DecodedFrame): LogFields {
  switch (message.type) {
    case 'CONN':
      return { node: message.node.id, incarnation: message.node.incarnation, recovery: message.recovery };
    case 'TIMN':
    case 'JOIN': {
      const all: readonly NodeKnowledge[] = [message.own, ...message.others];
      return { nodes: all.length, files: all.reduce((sum, { files }) => sum + files.length, 0) };
    }
    case 'HB':
      return { stamp: message.stamp, echo: message.echo, held: message.heldMs, nodes: message.connections.length };
    case 'FILE': {
      const { record, origin, incarnation, sequence, held, part = false, replica = false } = message.statement;
      return { ...fileOf(record), origin, incarnation, sequence, held, part, replica };
    }
    case 'SMFX':
      return { transfer: message.transfer, ...fileOf(message), parts: message.parts };
    case 'SDFX':
    case 'KEEP':
    case 'DROP':
      return { transfer: message.transfer, ...fileOf(message.record), length: message.record.size };
    case 'SUSP':
      return { nodes: message.nodes.length, node: message.nodes[0]?.id };
    case 'SUMM':
      return { ranges: message.ranges.length, listings: message.listings.length, wants: message.wants.length };
    case 'BYEF':
    case 'LEFT':
      return { node: message.node.id, incarnation: message.node.incarnation };
    case 'FULL':
      return { nodes: message.alternatives.length };
    case 'REQUEST':
      return { transfer: message.transfer, position: message.position, length: message.length };
    case 'DATA':
      return { transfer: message.transfer, position: message.position, length: message.bytes.length };
    case 'REFUSE':
      return { transfer: message.transfer, code: message.code };
    case 'DONE':
      return { transfer: message.transfer };
    case 'MANIFEST_REQUEST': {
      const { transfer, position, length, manifest } = message;
      return { transfer, position, length, manifest };
    }
    case 'MANIFEST':
      return {
        transfer: message.transfer,
        position: message.position,
        length: message.bytes.length,
        total: message.total,
      };
    case 'HAVE':
      return { transfer: message.transfer, first: message.first, length: message.bitmap.length };
    case 'UNKNOWN':
      return { name: message.name };
  }
}

function fileOf({ name, checksum }: { readonly name: string; readonly checksum: string }): LogFields {
  return { name: escapeForDisplay(name), checksum };
}
