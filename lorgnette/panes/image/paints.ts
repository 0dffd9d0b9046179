// From codes to colours: tables of 65,536 entries for the display as it is, made when a block is first painted with them.
import {brightness_of, clip, CODES, decoded, same_code, same_mapping, value_of} from "./mapping"
import type {Mapping} from "./mapping"
import type {Code} from "./packet"
import type {Block} from "./block_store"
import type {ImageDisplay} from "./image_display"

const FEW = 12 // decoded codes that are kept: 512 kB each
const OPAQUE = 0xff000000
const [RED, GREEN, BLUE] = [0.2126, 0.7152, 0.0722]

type Kept<T> = {layer: number, code: Code, table: T}

function shade(t: number): number {
  return Math.floor(255 * t + 0.5)
}

// "#rrggbb" or "#rrggbbaa" as four bytes in the order of ImageData; nothing of what is no colour.
export function pack_color(text: string): number {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})?$/i.exec(text)
  if (found == null) {
    return 0
  }
  const [red, green, blue, alpha] = found.slice(1).map((each) => parseInt(each ?? "ff", 16))
  return (alpha << 24 | blue << 16 | green << 8 | red) >>> 0
}

// Of decoded codes, whatever the display.
class Values {
  private readonly kept: {code: Code, values: Float64Array}[] = []

  of(code: Code): Float64Array {
    const k = this.kept.findIndex((each) => same_code(each.code, code))
    const found = k >= 0 ? this.kept.splice(k, 1)[0] : {code, values: decoded(code)}
    this.kept.unshift(found)
    this.kept.length = Math.min(this.kept.length, FEW)
    return found.values
  }
}

export class Paints {
  private readonly values = new Values()
  private mappings: Mapping[] = []
  private nothing = 0
  private saturation = 1
  private gamma = 1 // that is applied after the stretch
  private palette: Uint32Array = new Uint32Array(256)
  private tables: Kept<Uint32Array>[] = []
  private shades: Kept<Float32Array>[] = []

  // Take up another display.
  set(display: ImageDisplay): void {
    this.mappings = display.mappings()
    this.nothing = pack_color(display.nan_color)
    this.saturation = display.saturation
    this.gamma = display.stretch == "gamma" ? 1 : display.gamma
    const colors = display.colors()
    this.palette = Uint32Array.from({length: 256}, (_, k) => {
      const at = 3 * (display.invert ? 255 - k : k)
      return (OPAQUE | colors[at + 2] << 16 | colors[at + 1] << 8 | colors[at]) >>> 0
    })
    this.tables = []
    this.shades = []
  }

  value(code: Code, index: number): number {
    return this.values.of(code)[index]
  }

  // Colours of the grey levels of a preview that was made with another mapping.
  for_preview(made: Mapping | null): Uint32Array {
    const [now] = this.mappings
    if (now == null || made == null || same_mapping(made, now)) {
      return this.palette
    }
    const [value, brightness] = [value_of(made), brightness_of(now)]
    return Uint32Array.from({length: 256}, (_, k) => this.palette[shade(brightness(value(k / 255)))])
  }

  // One block of each layer, all of the same place, into pixels of a picture.
  paint(blocks: Block[], pixels: Uint32Array): void {
    if (blocks.length == 1) {
      const [{codes, code}] = blocks
      const table = this.colors(code)
      for (let k = 0; k < codes.length; k++) {
        pixels[k] = table[codes[k]]
      }
    } else if (this.saturation == 1) {
      this.mix(blocks, pixels)
    } else {
      this.mix_saturated(blocks, pixels)
    }
  }

  private mix([red, green, blue]: Block[], pixels: Uint32Array): void {
    const [reds, greens, blues] = [red, green, blue].map(({code}, layer) => this.component(layer, code))
    const {nothing} = this
    const [r, g, b] = [red.codes, green.codes, blue.codes]
    for (let k = 0; k < r.length; k++) {
      pixels[k] = (r[k] | g[k] | b[k]) == 0 ? nothing : reds[r[k]] | greens[g[k]] | blues[b[k]]
    }
  }

  private mix_saturated([red, green, blue]: Block[], pixels: Uint32Array): void {
    const [reds, greens, blues] = [red, green, blue].map(({code}, layer) => this.parts(layer, code))
    const {nothing, saturation} = this
    const [r, g, b] = [red.codes, green.codes, blue.codes]
    for (let k = 0; k < r.length; k++) {
      if ((r[k] | g[k] | b[k]) == 0) {
        pixels[k] = nothing
        continue
      }
      const [x, y, z] = [reds[r[k]], greens[g[k]], blues[b[k]]]
      const grey = RED * x + GREEN * y + BLUE * z
      const around = (part: number) => shade(clip(grey + saturation * (part - grey)))
      pixels[k] = OPAQUE | around(z) << 16 | around(y) << 8 | around(x)
    }
  }

  private colors(code: Code): Uint32Array {
    return kept(this.tables, 0, code, () => {
      const {palette} = this
      const parts = this.fresh(0, code)
      const table = new Uint32Array(CODES)
      for (let k = 1; k < CODES; k++) {
        table[k] = palette[shade(parts[k])]
      }
      table[0] = this.nothing
      return table
    })
  }

  private component(layer: number, code: Code): Uint32Array {
    return kept(this.tables, layer, code, () => {
      const parts = this.parts(layer, code)
      const table = new Uint32Array(CODES)
      for (let k = 0; k < CODES; k++) {
        table[k] = OPAQUE | shade(parts[k]) << 8 * layer
      }
      return table
    })
  }

  // Brightness in 0..1 of each code of a layer in colour; what has no value counts as dark.
  private parts(layer: number, code: Code): Float32Array {
    return kept(this.shades, layer, code, () => {
      const parts = this.fresh(layer, code)
      return this.gamma == 1 ? parts : parts.map((t) => t ** (1 / this.gamma))
    })
  }

  private fresh(layer: number, code: Code): Float32Array {
    const mapping = this.mappings[layer]
    const parts = new Float32Array(CODES)
    if (mapping != null) {
      const brightness = brightness_of(mapping)
      const values = this.values.of(code)
      for (let k = 1; k < CODES; k++) {
        parts[k] = brightness(values[k])
      }
    }
    return parts
  }
}

function kept<T>(list: Kept<T>[], layer: number, code: Code, make: () => T): T {
  let found = list.find((each) => each.layer == layer && same_code(each.code, code))
  if (found == null) {
    found = {layer, code, table: make()}
    list.push(found)
    list.splice(0, Math.max(0, list.length - 3 * FEW))
  }
  return found.table
}
