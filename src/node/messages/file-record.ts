import type { FileRecord, FileStatement } from '../records.ts';
import { quote } from './display.ts';
import { isUserLabel, nameProblem } from './file-name.ts';
import { MAX_COUNTER, MAX_NUMBER, MAX_TIME_MS, MAX_WRITERS } from './limits.ts';
import {
  countField,
  flagField,
  idField,
  innerField,
  malformed,
  numberField,
  textField,
  valueField,
  type Field,
  type FieldReader,
  type FieldWriter,
} from './text-fields.ts';
import { parseVersion, versionText } from './version-vector.ts';

const anyText = valueField(
  'text',
  (text) => text,
  (text) => text,
);

/** The name of a file; see `checkFileName`. */
export const nameField: Field<string> = {
  read: (text, path) => checkName(anyText.read(text, path), path),
  write: (name, path) => anyText.write(checkName(name, path), path),
};

/** SHA-256, or nothing: a deleted file in a record, any content where a file is asked for. */
export const checksumField = textField('64 lower-case hex digits, or nothing', /^([0-9a-f]{64})?$/);

/** BLAKE3-256 of the manifest, or nothing: none is known. */
const manifestField = textField('64 lower-case hex digits, or nothing', /^([0-9a-f]{64})?$/);

/** The label of a user. */
export const userField = valueField(
  'a user label: 1 to 32 of A-Z a-z 0-9 . _ -',
  (text) => (isUserLabel(text) ? text : undefined),
  (text) => text,
);

const wholeTimeField = numberField(-MAX_TIME_MS, MAX_TIME_MS);
/** Whole milliseconds; what a file system gives in fractions of one is rounded down. */
const timeField: Field<number> = {
  read: (text, path) => wholeTimeField.read(text, path),
  write: (value, path) => wholeTimeField.write(Math.floor(value), path),
};

const versionField = valueField(
  `1 to ${MAX_WRITERS} of id:counter in the order of ids, counters from 1 to ${MAX_COUNTER}`,
  parseVersion,
  versionText,
);
const incarnationField = numberField(1, MAX_NUMBER);

/** A record but for its manifest, which was added later and stands behind what else there is to say. */
type RecordHead = Omit<FileRecord, 'manifest'>;

/** size, modified, user, writer, version: what follows name and checksum, wherever a file is told of. */
export function readRecordRest(reader: FieldReader, name: string, checksum: string): RecordHead {
  return {
    name,
    checksum,
    size: reader.read('size', countField),
    modifiedMs: reader.read('modified', timeField),
    user: reader.read('user', userField),
    writer: reader.read('writer', idField),
    version: reader.read('version', versionField),
  };
}

/** Writes what `readRecordRest` reads. */
export function writeRecordRest(writer: FieldWriter, record: RecordHead): void {
  writer.write('size', countField, record.size);
  writer.write('modified', timeField, record.modifiedMs);
  writer.write('user', userField, record.user);
  writer.write('writer', idField, record.writer);
  writer.write('version', versionField, record.version);
}

/** The manifest of a record, the last of its fields. An older node does not send it. */
export function readManifest(reader: FieldReader): string {
  return reader.readOr('manifest', manifestField, '');
}

/** Writes what `readManifest` reads. */
export function writeManifest(writer: FieldWriter, { manifest }: FileRecord): void {
  writer.write('manifest', manifestField, manifest);
}

/** A file statement: the fields of a FILE, or the inner fields of one field of a TIMN or JOIN. */
export function readStatement(reader: FieldReader): FileStatement {
  const name = reader.read('name', nameField);
  const checksum = reader.read('checksum', checksumField);
  const head = readRecordRest(reader, name, checksum);
  const said = {
    origin: reader.read('origin', idField),
    incarnation: reader.read('incarnation', incarnationField),
    sequence: reader.read('sequence', countField),
    held: reader.read('held', flagField),
  };
  const record = { ...head, manifest: readManifest(reader) };
  // Older nodes do not send them.
  const part = reader.readOr('part', flagField, false);
  const replica = reader.readOr('replica', flagField, false);
  return { ...said, record, ...(part ? { part } : {}), ...(replica ? { replica } : {}) };
}

/** Writes what `readStatement` reads. */
export function writeStatement(writer: FieldWriter, statement: FileStatement): void {
  writer.write('name', nameField, statement.record.name);
  writer.write('checksum', checksumField, statement.record.checksum);
  writeRecordRest(writer, statement.record);
  writer.write('origin', idField, statement.origin);
  writer.write('incarnation', incarnationField, statement.incarnation);
  writer.write('sequence', countField, statement.sequence);
  writer.write('held', flagField, statement.held);
  writeManifest(writer, statement.record);
  writer.write('part', flagField, statement.part ?? false);
  writer.write('replica', flagField, statement.replica ?? false);
}

/** A file statement as one field. */
export const statementField: Field<FileStatement> = innerField(readStatement, writeStatement);

function checkName(name: string, path: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) throw malformed(path, `${quote(name)} ${problem}`);
  return name;
}
