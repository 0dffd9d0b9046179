// An event as it comes over the link: a header in JSON and the columns' numbers behind it, used where they lie.

const MAGIC = "LGEV"
const MANY_COLLECTIONS = 1000
const MANY_COLUMNS = 5000

const TYPES = {
  f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array,
  u4: Uint32Array,
}

export type Numbers = Float32Array | Float64Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array |
  Uint8Array

// `values` has `width` numbers a row, row by row.
export type Column = {name: string, unit: string, width: number, values: Numbers}

// `cache`: whatever is derived from the columns (rho, polygons ...); it lives as long as the event.
export type Collection = {
  name: string
  kind: string
  count: number
  columns: Map<string, Column>
  cache: Map<string, unknown>
}

export type Header = {
  source: string
  entry: number
  entries: number
  event: number | null
  run: number | null
  lumi: number | null
  notes: string[]
  geometry: string | null
  layers: {layer: number, z: number}[]
}

export type DecodedEvent = {header: Header, collections: Collection[]}

export class PacketError extends Error {}

type Json = {[name: string]: unknown}

function is_object(value: unknown): value is Json {
  return typeof value == "object" && value != null && !Array.isArray(value)
}

function objects(value: unknown, what: string, most: number): Json[] {
  if (!Array.isArray(value) || value.length > most || !value.every(is_object)) {
    throw new PacketError(`its ${what} are not a list of at most ${most} objects`)
  }
  return value
}

function whole(value: unknown, what: string): number {
  if (typeof value != "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new PacketError(`${what} is ${JSON.stringify(value)}, not a whole number from 0 on`)
  }
  return value
}

function text(value: unknown): string {
  return typeof value == "string" ? value : ""
}

function number_or_null(value: unknown): number | null {
  return typeof value == "number" ? value : null
}

function read_header(buffer: ArrayBuffer): [Json, number] {
  if (buffer.byteLength < 8) {
    throw new PacketError(`it has only ${buffer.byteLength} bytes`)
  }
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4))
  if (magic != MAGIC) {
    throw new PacketError("it does not begin as an event does")
  }
  const length = new DataView(buffer).getUint32(4, true)
  if (length > buffer.byteLength - 8) {
    throw new PacketError(`its header should have ${length} bytes and is cut off`)
  }
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder("utf-8", {fatal: true}).decode(new Uint8Array(buffer, 8, length)))
  } catch {
    throw new PacketError("its header is not JSON")
  }
  if (!is_object(header)) {
    throw new PacketError("its header is not an object")
  }
  return [header, 8 + length]
}

function read_column(json: Json, count: number, buffer: ArrayBuffer, start: number, where: string): Column {
  const name = text(json.name)
  const what = `${where}.${name}`
  const type = text(json.type)
  if (!Object.hasOwn(TYPES, type)) {
    throw new PacketError(`${what} has the unknown type ${JSON.stringify(json.type)}`)
  }
  const array = TYPES[type as keyof typeof TYPES]
  const width = whole(json.width ?? 1, `the width of ${what}`)
  const begin = start + whole(json.offset, `the offset of ${what}`)
  const end = begin + count*width*array.BYTES_PER_ELEMENT
  if (end > buffer.byteLength) {
    throw new PacketError(`${what} ends ${end - buffer.byteLength} bytes behind its end`)
  }
  // An array can lie on the buffer only where its type may begin.
  const values = begin % array.BYTES_PER_ELEMENT == 0 ?
    new array(buffer, begin, count*width) : new array(buffer.slice(begin, end))
  return {name, unit: text(json.unit), width, values}
}

function read_collection(json: Json, buffer: ArrayBuffer, start: number): Collection {
  const name = text(json.name)
  const count = whole(json.count, `the count of ${name}`)
  const columns = new Map<string, Column>()
  for (const each of objects(json.columns, `columns of ${name}`, MANY_COLUMNS)) {
    const column = read_column(each, count, buffer, start, name)
    columns.set(column.name, column)
  }
  return {name, kind: text(json.kind), count, columns, cache: new Map()}
}

// Raises `PacketError`. The arrays lie on `buffer`, which must not be changed afterwards.
export function decode(buffer: ArrayBuffer): DecodedEvent {
  const [json, start] = read_header(buffer)
  const header: Header = {
    source: text(json.source),
    entry: whole(json.entry ?? 0, "its entry"),
    entries: whole(json.entries ?? 0, "its number of entries"),
    event: number_or_null(json.event),
    run: number_or_null(json.run),
    lumi: number_or_null(json.lumi),
    notes: Array.isArray(json.notes) ? json.notes.map(String) : [],
    geometry: typeof json.geometry == "string" ? json.geometry : null,
    layers: objects(json.layers ?? [], "layers", MANY_COLLECTIONS).map(
      ({layer, z}) => ({layer: Number(layer), z: Number(z)})),
  }
  const collections = objects(json.collections ?? [], "collections", MANY_COLLECTIONS).map(
    (each) => read_collection(each, buffer, start))
  return {header, collections}
}
