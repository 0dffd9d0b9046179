// The codes of a block out of the bytes in which they came; `data_sources/images/codec.py` tells how they are made.
import {PacketError} from "./packet"
import type {Piece} from "./packet"

const MIDDLE = 32768
const SHIFT = 128

async function inflate(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array> {
  const stream = new DecompressionStream("deflate")
  const writer = stream.writable.getWriter()
  // What goes wrong here is told by the reader, too.
  writer.write(bytes).catch(() => null)
  writer.close().catch(() => null)
  const reader = stream.readable.getReader()
  const result = new Uint8Array(size)
  let filled = 0
  for (;;) {
    const {done, value} = await reader.read()
    if (done) {
      break
    }
    if (filled + value.length > size) {
      void reader.cancel()
      throw new PacketError(`a block unpacks to more than ${size} bytes`)
    }
    result.set(value, filled)
    filled += value.length
  }
  if (filled != size) {
    throw new PacketError(`a block unpacks to ${filled} bytes and not to ${size}`)
  }
  return result
}

// Each code was written as what it adds to the one at its left; the first of a row to the one above it.
function add_up(planes: Uint8Array, width: number, height: number): Uint16Array {
  const count = width * height
  const codes = new Uint16Array(count)
  let first = MIDDLE
  for (let row = 0, k = 0; row < height; row++) {
    let left = first
    for (const end = k + width; k < end; k++) {
      left = (left + planes[k] + (planes[count + k] << 8) - SHIFT) & 0xffff
      codes[k] = left
    }
    first = codes[k - width]
  }
  return codes
}

export async function unpack({data, width, height}: Piece): Promise<Uint16Array> {
  return add_up(await inflate(data, 2 * width * height), width, height)
}
