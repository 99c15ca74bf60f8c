import type { FileStatement, NodeRecord } from '../records.ts';
import {
  checksumField,
  nameField,
  readManifest,
  readRecordRest,
  readStatement,
  statementField,
  userField,
  writeManifest,
  writeRecordRest,
  writeStatement,
} from './file-record.ts';
import { keysField, listingField, overlapping, rangeField, seedField } from './key-fields.ts';
import {
  MAX_ALTERNATIVES,
  MAX_FEATURES,
  MAX_FILES,
  MAX_KEYS,
  MAX_LISTINGS,
  MAX_MINOR_VERSION,
  MAX_NODES,
  MAX_NUMBER,
  MAX_RANGES,
} from './limits.ts';
import type { HbMessage, KeyListing, NodeKnowledge, SdfxMessage, TextMessage, TimnMessage } from './message.ts';
import { nodeField, readAddress, readNodeRecord, writeAddress, writeNodeRecord } from './node-record.ts';
import {
  countField,
  flagField,
  idField,
  innerField,
  innerListField,
  malformed,
  numberField,
  textField,
  type FieldReader,
  type FieldWriter,
} from './text-fields.ts';

/** How the fields of one type of message are read and written; the type itself is not among them. */
interface Layout<Type extends TextMessage['type']> {
  read(reader: FieldReader): Omit<Extract<TextMessage, { type: Type }>, 'type'>;
  write(writer: FieldWriter, message: Extract<TextMessage, { type: Type }>): void;
}

type Layouts = { readonly [Type in TextMessage['type']]: Layout<Type> };

const featuresField = innerListField(textField('1 to 32 of a-z 0-9 -', /^[a-z0-9-]{1,32}$/), MAX_FEATURES);
const minorVersionField = numberField(0, MAX_MINOR_VERSION);
const echoField = numberField(-1, MAX_NUMBER);

type Timing = Pick<HbMessage, 'stamp' | 'echo' | 'heldMs'>;

const timingField = innerField<Timing>(
  (inner) => ({
    stamp: inner.read('stamp', countField),
    echo: inner.read('echo', echoField),
    heldMs: inner.read('held', countField),
  }),
  (inner, { stamp, echo, heldMs }) => {
    inner.write('stamp', countField, stamp);
    inner.write('echo', echoField, echo);
    inner.write('held', countField, heldMs);
  },
);

/** TIMN and JOIN. */
const knowledgeLayout = {
  read: (reader: FieldReader) => ({
    own: readKnowledge(reader, 'node'),
    others: reader.list('nodes', MAX_NODES, (name) => readKnowledge(reader, name)),
  }),
  write: (writer: FieldWriter, { own, others }: Omit<TimnMessage, 'type'>) => {
    writeKnowledge(writer, 'node', own);
    writer.list('nodes', MAX_NODES, others, (name, knowledge) => writeKnowledge(writer, name, knowledge));
  },
};

/** SDFX, KEEP and DROP. */
const offerLayout = {
  read: (reader: FieldReader) => {
    const address = readAddress(reader);
    const name = reader.read('name', nameField);
    const checksum = reader.read('checksum', checksumField);
    const transfer = reader.read('transfer number', idField);
    const head = readRecordRest(reader, name, checksum);
    return { address, transfer, record: { ...head, manifest: readManifest(reader) } };
  },
  write: (writer: FieldWriter, { address, transfer, record }: Omit<SdfxMessage, 'type'>) => {
    writeAddress(writer, address);
    writer.write('name', nameField, record.name);
    writer.write('checksum', checksumField, record.checksum);
    writer.write('transfer number', idField, transfer);
    writeRecordRest(writer, record);
    writeManifest(writer, record);
  },
};

/** BYEF and LEFT. */
const nodeLayout = {
  read: (reader: FieldReader) => ({ node: readNodeRecord(reader) }),
  write: (writer: FieldWriter, { node }: { readonly node: NodeRecord }) => writeNodeRecord(writer, node),
};

/** Every type of text message, its fields in the order of `docs/protocol.md`. */
const layouts: Layouts = {
  CONN: {
    read: (reader) => ({
      node: reader.read('node', nodeField),
      recovery: reader.read('recovery', flagField),
      user: reader.read('user', userField),
      minorVersion: reader.readOr('minor version', minorVersionField, 0),
      features: reader.readOr('features', featuresField, []),
    }),
    write: (writer, message) => {
      writer.write('node', nodeField, message.node);
      writer.write('recovery', flagField, message.recovery);
      writer.write('user', userField, message.user);
      writer.write('minor version', minorVersionField, message.minorVersion);
      writer.write('features', featuresField, message.features);
    },
  },
  TIMN: knowledgeLayout,
  JOIN: knowledgeLayout,
  HB: {
    read: (reader) => ({
      ...reader.read('timing', timingField),
      connections: reader.list('connections', MAX_NODES, (name) => reader.read(name, nodeField)),
    }),
    write: (writer, message) => {
      writer.write('timing', timingField, message);
      writer.list('connections', MAX_NODES, message.connections, (name, node) => writer.write(name, nodeField, node));
    },
  },
  FILE: {
    read: (reader) => ({ statement: readStatement(reader) }),
    write: (writer, { statement }) => writeStatement(writer, statement),
  },
  SMFX: {
    read: (reader) => ({
      address: readAddress(reader),
      name: reader.read('name', nameField),
      transfer: reader.read('transfer number', idField),
      checksum: reader.readOr('checksum', checksumField, ''),
      parts: reader.readOr('parts', flagField, false),
    }),
    write: (writer, message) => {
      writeAddress(writer, message.address);
      writer.write('name', nameField, message.name);
      writer.write('transfer number', idField, message.transfer);
      writer.write('checksum', checksumField, message.checksum);
      writer.write('parts', flagField, message.parts);
    },
  },
  SDFX: offerLayout,
  KEEP: offerLayout,
  DROP: offerLayout,
  SUSP: {
    read: (reader) => ({ nodes: reader.list('nodes', MAX_NODES, (name) => reader.read(name, nodeField)) }),
    write: (writer, { nodes }) => {
      writer.list('nodes', MAX_NODES, nodes, (name, node) => writer.write(name, nodeField, node));
    },
  },
  SUMM: {
    read: (reader) => {
      const seed = reader.read('seed', seedField);
      const more = reader.read('more', flagField);
      const ranges = reader.list('ranges', MAX_RANGES, (name) => reader.read(name, rangeField));
      const listings = reader.list('listings', MAX_LISTINGS, (name) => reader.read(name, listingField));
      checkRanges(ranges, `${reader.path}: ranges`);
      checkRanges(listings, `${reader.path}: listings`);
      checkListed(listings, `${reader.path}: listings`);
      return { seed, more, ranges, listings, wants: reader.readOr('wants', keysField, []) };
    },
    write: (writer, { seed, more, ranges, listings, wants }) => {
      checkRanges(ranges, `${writer.path}: ranges`);
      checkRanges(listings, `${writer.path}: listings`);
      checkListed(listings, `${writer.path}: listings`);
      writer.write('seed', seedField, seed);
      writer.write('more', flagField, more);
      writer.list('ranges', MAX_RANGES, ranges, (name, range) => writer.write(name, rangeField, range));
      writer.list('listings', MAX_LISTINGS, listings, (name, listing) => writer.write(name, listingField, listing));
      writer.write('wants', keysField, wants);
    },
  },
  BYEF: nodeLayout,
  LEFT: nodeLayout,
  FULL: {
    read: (reader) => ({
      alternatives: reader.list('alternatives', MAX_ALTERNATIVES, (name) => reader.read(name, nodeField)),
    }),
    write: (writer, { alternatives }) => {
      writer.list('alternatives', MAX_ALTERNATIVES, alternatives, (name, node) => writer.write(name, nodeField, node));
    },
  },
};

/** Whether this version knows text messages of this type. */
export function isTextType(type: string): type is TextMessage['type'] {
  return Object.hasOwn(layouts, type);
}

/** The message of a known type from its fields. @throws ERR_MESSAGE */
export function readTextMessage(type: TextMessage['type'], reader: FieldReader): TextMessage {
  // Which layout belongs to which type is what `Layouts` says; the compiler cannot follow it through the lookup.
  return { type, ...layouts[type].read(reader) } as TextMessage;
}

/** Writes the fields of a message. @throws ERR_MESSAGE where a peer would refuse it */
export function writeTextMessage(writer: FieldWriter, message: TextMessage): void {
  (layouts[message.type] as Layout<TextMessage['type']>).write(writer, message);
}

/** A node record and what the node says of files: statements of its own, never of another. */
function readKnowledge(reader: FieldReader, name: string): NodeKnowledge {
  const node = reader.read(name, nodeField);
  const files = reader.list(`files of ${name}`, MAX_FILES, (file) => {
    const statement = reader.read(file, statementField);
    checkOrigin(statement, node.id, `${reader.path}: ${file}`);
    return statement;
  });
  return { node, files };
}

function writeKnowledge(writer: FieldWriter, name: string, { node, files }: NodeKnowledge): void {
  writer.write(name, nodeField, node);
  writer.list(`files of ${name}`, MAX_FILES, files, (file, statement) => {
    checkOrigin(statement, node.id, `${writer.path}: ${file}`);
    writer.write(file, statementField, statement);
  });
}

function checkOrigin(statement: FileStatement, id: string, path: string): void {
  if (statement.origin !== id)
    throw malformed(path, `its origin is ${statement.origin}, not the node ${id} it is listed under`);
}

function checkRanges(ranges: readonly { readonly prefix: string }[], path: string): void {
  const index = overlapping(ranges);
  if (index !== -1) throw malformed(path, `the ${index + 1}. is not behind the one before it`);
}

function checkListed(listings: readonly KeyListing[], path: string): void {
  const count = listings.reduce((sum, { keys }) => sum + keys.length, 0);
  if (count > MAX_KEYS) throw malformed(path, `${count} keys, at most ${MAX_KEYS} are allowed`);
}
