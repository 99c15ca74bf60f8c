import type { Address, NodeId } from '../../kernel/index.ts';
import { joinAddress, splitAddress } from '../../kit/address-fields.ts';
import type { NodeRecord, Place } from '../records.ts';
import { quote } from './display.ts';
import { MAX_ADDRESS_LENGTH, MAX_NUMBER } from './limits.ts';
import {
  idField,
  innerField,
  malformed,
  numberField,
  valueField,
  type Field,
  type FieldReader,
  type FieldWriter,
} from './text-fields.ts';

const ipField = valueField(
  `at most ${MAX_ADDRESS_LENGTH} bytes without control characters`,
  (text) => (Buffer.byteLength(text) <= MAX_ADDRESS_LENGTH && !/\p{Cc}/u.test(text) ? text : undefined),
  (text) => text,
);
const portField = numberField(0, 65_535);
const incarnationField = numberField(1, MAX_NUMBER);

/** Decimals of a degree that a coordinate keeps: six are a tenth of a metre. */
const COORDINATE_DECIMALS = 6;
const COORDINATE = /^-?\d{1,3}(\.\d{1,6})?$/;
const ZONE = /^[A-Za-z0-9._-]{0,32}$/;

/** `latitude,longitude,zone`, each of which may be empty; '' and `,,` for a node that does not say where it stands. */
const placeField: Field<Place | null> = valueField(
  'latitude,longitude,zone',
  (text) => (text === '' ? null : parsePlace(text)),
  (place) => (place === null ? '' : formatPlace(place)),
);

/** The documented ip and port, as the next two fields. */
export function readAddress(reader: FieldReader): Address {
  const fields = { ip: reader.read('ip', ipField), port: reader.read('port', portField) };
  const address = joinAddress(fields);
  const canonical = splitAddress(address);
  if (canonical.ip !== fields.ip || canonical.port !== fields.port) {
    throw malformed(reader.path, 'ip and port are not those of an address');
  }
  return address;
}

/** Writes an address as the documented ip and port. */
export function writeAddress(writer: FieldWriter, address: Address): void {
  const fields = splitAddress(address);
  if (joinAddress(fields) !== address) throw malformed(writer.path, `${quote(address)} is not in canonical form`);
  writer.write('ip', ipField, fields.ip);
  writer.write('port', portField, fields.port);
}

/** ip, port, id, incarnation, place: as inner fields of one field, or as the fields of a BYEF or LEFT. */
export function readNodeRecord(reader: FieldReader): NodeRecord {
  const address = readAddress(reader);
  const id: NodeId = reader.read('id', idField);
  const incarnation = reader.read('incarnation', incarnationField);
  const place = reader.readOr('place', placeField, null);
  return { id, address, incarnation, ...(place === null ? {} : { place }) };
}

/** Writes what `readNodeRecord` reads. A place that says nothing is the same as none. */
export function writeNodeRecord(writer: FieldWriter, { id, address, incarnation, place }: NodeRecord): void {
  writeAddress(writer, address);
  writer.write('id', idField, id);
  writer.write('incarnation', incarnationField, incarnation);
  writer.write('place', placeField, place ?? null);
}

/** A node record as one field. */
export const nodeField: Field<NodeRecord> = innerField(readNodeRecord, writeNodeRecord);

function parsePlace(text: string): Place | null | undefined {
  const [latitude, longitude, zone = ''] = text.split(',');
  if (latitude === undefined || longitude === undefined || !ZONE.test(zone)) return undefined;
  const coordinates = parseCoordinates(latitude, longitude);
  if (coordinates === undefined) return undefined;
  const place: Place = { ...(coordinates === null ? {} : { coordinates }), ...(zone === '' ? {} : { zone }) };
  return coordinates === null && zone === '' ? null : place;
}

/** `null` where neither is given, `undefined` where they are malformed. */
function parseCoordinates(latitudeText: string, longitudeText: string): Place['coordinates'] | null {
  if (latitudeText === '' && longitudeText === '') return null;
  if (!COORDINATE.test(latitudeText) || !COORDINATE.test(longitudeText)) return undefined;
  const latitude = Number(latitudeText);
  const longitude = Number(longitudeText);
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : undefined;
}

function formatPlace({ coordinates, zone = '' }: Place): string {
  if (coordinates === undefined) return zone === '' ? '' : `,,${zone}`;
  return `${formatCoordinate(coordinates.latitude)},${formatCoordinate(coordinates.longitude)},${zone}`;
}

function formatCoordinate(degrees: number): string {
  // Number and back drops trailing zeros; adding 0 makes 0 of -0. What is left below 1e-6 would be written with an exponent, but is 0.
  return String(Number(degrees.toFixed(COORDINATE_DECIMALS)) + 0);
}
