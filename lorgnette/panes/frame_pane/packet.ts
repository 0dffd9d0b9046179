// A picture as it comes: a header of 32 bytes and a JPEG. The server's half, with the layout, is in packet.py.

const MAGIC = 0x5246474c // "LGFR", little-endian
const VERSION = 1
const STILL = 1
const HEADER_BYTES = 32

export class PacketError extends Error {}

export type Packet = {
  number: number
  width: number // of the published frame, in pixels
  height: number
  age_ms: number // when it was sent
  came_ms: number // on the page's own clock
  still: boolean
  jpeg: Uint8Array<ArrayBuffer>
}

export function decode(buffer: ArrayBuffer): Packet {
  if (buffer.byteLength <= HEADER_BYTES) {
    throw new PacketError(`it has ${buffer.byteLength} bytes, which is no more than its header`)
  }
  const view = new DataView(buffer)
  const version = view.getUint16(4, true)
  if (view.getUint32(0, true) != MAGIC || version != VERSION) {
    throw new PacketError("it begins like something else; load the page anew if the server was updated")
  }
  const number = Number(view.getBigUint64(8, true))
  const [width, height] = [view.getUint32(24, true), view.getUint32(28, true)]
  if (number == 0 || width == 0 || height == 0) {
    throw new PacketError(`its number is ${number}, its size ${width} × ${height} pixels`)
  }
  return {
    number, width, height,
    age_ms: view.getFloat64(16, true),
    came_ms: performance.now(),
    still: (view.getUint16(6, true) & STILL) != 0,
    jpeg: new Uint8Array(buffer, HEADER_BYTES),
  }
}
