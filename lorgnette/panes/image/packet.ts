// Pieces of an image as they come: blocks of codes, or a preview. The server's half, with the layout, is in packet.py.

const MAGIC = 0x4d49474c // "LGIM", little-endian
const VERSION = 1
const BLOCKS = 1
const PREVIEW = 2
const HEADER_BYTES = 24
const PIECE_BYTES = 48
const PICTURE_BYTES = 48
const MOST_PIECES = 4096
const MOST_LAYERS = 3
const IS_COLOR = 1

export const BLOCK = 128 // pixels of a level to a side

export class PacketError extends Error {}

export type Code = {kind: "linear" | "asinh", offset: number, scale: number, softening: number}

export type Place = {layer: number, level: number, column: number, row: number}

export type Piece = Place & {width: number, height: number, code: Code, data: Uint8Array<ArrayBuffer>}

// Edges in pixels of level 0, from the left upper corner of the image.
export type Area = {left: number, top: number, right: number, bottom: number}

type Head = {number: number, version: string}

export type Blocks = Head & {pieces: Piece[]}

export type Preview = Head & {ask: number, area: Area, is_color: boolean, jpeg: Uint8Array<ArrayBuffer>}

export type Packet = Blocks | Preview

const up = (length: number) => Math.ceil(length / 8) * 8

function part(buffer: ArrayBuffer, start: number, length: number): Uint8Array<ArrayBuffer> {
  if (start + length > buffer.byteLength) {
    throw new PacketError(`it has ${buffer.byteLength} bytes and should have ${start + length}`)
  }
  return new Uint8Array(buffer, start, length)
}

function read_piece(view: DataView, at: number): Omit<Piece, "data"> & {size: number} {
  const [layer, level, kind] = [view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2)]
  const [width, height] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)]
  if (kind > 1 || layer >= MOST_LAYERS || width == 0 || height == 0 || width > BLOCK || height > BLOCK) {
    throw new PacketError(`a block of kind ${kind} has ${width} × ${height} pixels of layer ${layer}`)
  }
  return {
    layer, level, width, height,
    column: view.getUint32(at + 8, true),
    row: view.getUint32(at + 12, true),
    size: view.getUint32(at + 16, true),
    code: {
      kind: kind == 0 ? "linear" : "asinh",
      offset: view.getFloat64(at + 24, true),
      scale: view.getFloat64(at + 32, true),
      softening: view.getFloat64(at + 40, true),
    },
  }
}

function read_blocks(buffer: ArrayBuffer, start: number, count: number, head: Head): Blocks {
  if (count == 0 || count > MOST_PIECES) {
    throw new PacketError(`it says that it holds ${count} blocks`)
  }
  part(buffer, start, count * PIECE_BYTES)
  const view = new DataView(buffer)
  let at = start + count * PIECE_BYTES
  const pieces = Array.from({length: count}, (_, k) => {
    const {size, ...piece} = read_piece(view, start + k * PIECE_BYTES)
    const data = part(buffer, at, size)
    at += up(size)
    return {...piece, data}
  })
  return {...head, pieces}
}

function read_preview(buffer: ArrayBuffer, start: number, head: Head): Preview {
  part(buffer, start, PICTURE_BYTES)
  const view = new DataView(buffer)
  const edge = (k: number) => view.getFloat64(start + 8 + 8 * k, true)
  const area = {left: edge(0), top: edge(1), right: edge(2), bottom: edge(3)}
  if (!(isFinite(area.left + area.top) && area.right > area.left && area.bottom > area.top)) {
    throw new PacketError("its preview shows no part of an image")
  }
  return {
    ...head, area,
    ask: Number(view.getBigUint64(start, true)),
    is_color: (view.getUint32(start + 44, true) & IS_COLOR) != 0,
    jpeg: part(buffer, start + PICTURE_BYTES, view.getUint32(start + 40, true)),
  }
}

// Raises `PacketError`. The data lie on `buffer`, which must not be changed afterwards.
export function decode(buffer: ArrayBuffer): Packet {
  const bytes = part(buffer, 0, HEADER_BYTES)
  const view = new DataView(buffer)
  const kind = bytes[5]
  if (view.getUint32(0, true) != MAGIC || bytes[4] != VERSION || kind != BLOCKS && kind != PREVIEW) {
    throw new PacketError("it begins like something else; load the page anew if the server was updated")
  }
  const length = view.getUint16(6, true)
  const version = new TextDecoder().decode(part(buffer, HEADER_BYTES, length))
  const head = {number: Number(view.getBigUint64(8, true)), version}
  const start = HEADER_BYTES + up(length)
  return kind == PREVIEW ? read_preview(buffer, start, head) :
    read_blocks(buffer, start, view.getUint32(16, true), head)
}
