import type {HasProps} from "@bokehjs/core/has_props"
import type {Attrs} from "@bokehjs/core/types"
import {RangeSlider} from "@bokehjs/models/widgets/sliders/range_slider"
import {Slider} from "@bokehjs/models/widgets/sliders/slider"

/* Sliders whose value is no business of the server. */
export class LocalSlider extends Slider {
  override setv<T extends Attrs>(changed: Partial<T>, options?: HasProps.SetOptions): void {
    super.setv(changed, {...options, sync: false})
  }

  static override __module__ = "lorgnette.panes.events.local_sliders"
}

export class LocalRangeSlider extends RangeSlider {
  override setv<T extends Attrs>(changed: Partial<T>, options?: HasProps.SetOptions): void {
    super.setv(changed, {...options, sync: false})
  }

  static override __module__ = "lorgnette.panes.events.local_sliders"
}
