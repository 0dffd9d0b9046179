import {Model} from "@bokehjs/model"
import {View} from "@bokehjs/core/view"
import type * as p from "@bokehjs/core/properties"

/* Saves bytes from the server as a file, through the browser's own download. */
export class DownloadView extends View {
  declare model: Download

  override connect_signals(): void {
    super.connect_signals()
    this.on_change(this.model.properties.serial, () => this.save())
    this.finish()
  }

  private save(): void {
    const {data, file, mime} = this.model
    const address = URL.createObjectURL(new Blob([data], {type: mime}))
    const link = document.createElement("a")
    link.href = address
    link.download = file
    link.click()
    // Not at once: some browsers begin to read only after the event.
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
    // Neither end need hold the bytes any longer.
    this.model.data = new ArrayBuffer(0)
  }
}

export namespace Download {
  export type Attrs = p.AttrsOf<Props>
  export type Props = Model.Props & {
    data: p.Property<ArrayBuffer>
    file: p.Property<string>
    mime: p.Property<string>
    serial: p.Property<number>
  }
}

export interface Download extends Download.Attrs {}

export class Download extends Model {
  declare properties: Download.Props
  declare __view_type__: DownloadView

  constructor(attrs?: Partial<Download.Attrs>) {
    super(attrs)
  }

  static override __module__ = "lorgnette.panes.download"

  static {
    this.prototype.default_view = DownloadView

    this.define<Download.Props>(({Bytes, Int, Str}) => ({
      data:   [ Bytes, () => new ArrayBuffer(0) ],
      file:   [ Str, "download" ],
      mime:   [ Str, "application/octet-stream" ],
      serial: [ Int, 0 ],
    }))
  }
}
