import {Model} from "@bokehjs/model"
import {Enum} from "@bokehjs/core/kinds"
import type {HasProps} from "@bokehjs/core/has_props"
import type {Attrs} from "@bokehjs/core/types"
import type * as p from "@bokehjs/core/properties"
import {Address} from "./address"
import {DEFAULTS, read, write} from "./display_text"
import type {LimitMode, Options} from "./display_text"
import {read_layer} from "./layer_info"
import type {LayerInfo} from "./layer_info"
import type {Mapping, Stretch} from "./mapping"

const COLORS = 256 // of a palette

export namespace ImageDisplay {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Model.Props & {
    stretch: p.Property<Stretch>
    limits: p.Property<LimitMode>
    low: p.Property<number[]>
    high: p.Property<number[]>
    gamma: p.Property<number>
    brightness: p.Property<number>
    contrast: p.Property<number>
    palette: p.Property<string>
    invert: p.Property<boolean>
    nan_color: p.Property<string>
    saturation: p.Property<number>
    layers: p.Property<any[]>
    palette_names: p.Property<string[]>
    palettes: p.Property<ArrayBuffer>
    forget: p.Property<number>
  }
}

export interface ImageDisplay extends ImageDisplay.Attrs {}

/* How the values of an image become colours. It lives in the browser and in the address: whoever changes it in the page,
 * nothing goes to the server. `change` is emitted once for all properties that are set together. */
export class ImageDisplay extends Model {
  declare properties: ImageDisplay.Props

  declare private address: Address
  declare private infos: LayerInfo[] | null

  constructor(attrs?: Partial<ImageDisplay.Attrs>) {
    super(attrs)
  }

  override initialize(): void {
    super.initialize()
    this.infos = null
    this.address = new Address(() => write(this.options), (query) => this.setv(read(query)))
    this.address.write_soon() // what the page starts with may differ from what an address without arguments means
  }

  override connect_signals(): void {
    super.connect_signals()
    this.connect(this.change, () => this.address.write_soon())
    // Connected first, so that whoever asks because of the change gets the new ones.
    this.connect(this.properties.forget.change, () => this.setv({limits: DEFAULTS.limits, low: [], high: []}))
  }

  override destroy(): void {
    this.address.end()
    super.destroy()
  }

  override setv<T extends Attrs>(changed: Partial<T>, options?: HasProps.SetOptions): void {
    if ("layers" in changed) {
      this.infos = null
    }
    super.setv(changed, {...options, sync: false})
  }

  // As in an address without arguments.
  reset(): void {
    this.setv(read(new URLSearchParams()))
  }

  // What is known of each layer, one or three.
  layer_infos(): LayerInfo[] {
    return this.infos ??= this.layers.map(read_layer)
  }

  get is_color(): boolean {
    return this.layers.length > 1
  }

  // By layer the limits in effect, low before high.
  ranges(): [number, number][] {
    return this.layer_infos().map(({limits}, k) => {
      const [low, high] = [this.low[k], this.high[k]]
      return this.limits == "manual" && isFinite(low) && isFinite(high) && low < high ? [low, high] :
        limits.get(this.limits) ?? limits.get(DEFAULTS.limits) ?? [0, 1]
    })
  }

  // How each layer becomes brightness.
  mappings(): Mapping[] {
    const {stretch, gamma, brightness, contrast} = this
    const infos = this.layer_infos()
    return this.ranges().map(([low, high], k) =>
      ({stretch, low, high, gamma, brightness, contrast, quantiles: infos[k].quantiles}))
  }

  // 256 times red, green, blue: the palette in use, grey if it is not known.
  colors(): Uint8Array {
    return this.colors_of(this.palette)
  }

  colors_of(name: string): Uint8Array {
    const k = this.palette_names.indexOf(name)
    const size = 3 * COLORS
    return k >= 0 && this.palettes.byteLength >= (k + 1) * size ? new Uint8Array(this.palettes, k * size, size) :
      Uint8Array.from({length: size}, (_, i) => Math.floor(i / 3))
  }

  // All that the reader chooses, as plain values.
  get options(): Options {
    const {stretch, limits, low, high, gamma, brightness, contrast, palette, invert, nan_color, saturation} = this
    return {
      stretch, limits, low: [...low], high: [...high], gamma, brightness, contrast, palette, invert, nan_color,
      saturation,
    }
  }

  static override __module__ = "lorgnette.panes.image.image_display"

  static {
    this.define<ImageDisplay.Props>(({Any, Bool, Bytes, Float, Int, List, Str}) => ({
      stretch:       [ Enum("linear", "log", "asinh", "sqrt", "gamma", "histogram"), DEFAULTS.stretch ],
      limits:        [ Enum("minmax", "99.9", "99.5", "99", "98", "95", "90", "zscale", "mad", "manual"),
        DEFAULTS.limits ],
      low:           [ List(Float), () => [] ],
      high:          [ List(Float), () => [] ],
      gamma:         [ Float, DEFAULTS.gamma ],
      brightness:    [ Float, DEFAULTS.brightness ],
      contrast:      [ Float, DEFAULTS.contrast ],
      palette:       [ Str, DEFAULTS.palette ],
      invert:        [ Bool, DEFAULTS.invert ],
      nan_color:     [ Str, DEFAULTS.nan_color ],
      saturation:    [ Float, DEFAULTS.saturation ],
      layers:        [ List(Any), () => [] ],
      palette_names: [ List(Str), () => [] ],
      palettes:      [ Bytes, () => new ArrayBuffer(0) ],
      forget:        [ Int, 0 ],
    }))
  }
}
