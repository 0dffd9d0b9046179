// Every model of the extension. Only models are exported: other names would land among Bokeh's own.
import {register_models} from "@bokehjs/base"
import {Download} from "./panes/download"
import {ColorScale} from "./panes/events/color_scale"
import {EventChoice} from "./panes/events/event_choice"
import {EventData} from "./panes/events/event_data"
import {EventProjection} from "./panes/events/event_projection"
import {EventTable} from "./panes/events/event_table"
import {LocalRangeSlider, LocalSlider} from "./panes/events/local_sliders"
import {FramePane} from "./panes/frame_pane/frame_pane"
import {CatalogueRenderer} from "./panes/image/catalogue_renderer"
import {DisplayPanel} from "./panes/image/display_panel"
import {ImageDisplay} from "./panes/image/image_display"
import {ImageRenderer} from "./panes/image/image_renderer"
import {MeasureTool} from "./panes/image/measure_tool"
import {MiniMap} from "./panes/image/mini_map"
import {PixelReadout} from "./panes/image/pixel_readout"
import {LiveMarkup} from "./panes/live_markup"
import {PageState} from "./panes/page_state"

register_models({
  CatalogueRenderer, ColorScale, DisplayPanel, Download, EventChoice, EventData, EventProjection, EventTable, FramePane,
  ImageDisplay, ImageRenderer, LiveMarkup, LocalRangeSlider, LocalSlider, MeasureTool, MiniMap, PageState, PixelReadout,
})

export {
  CatalogueRenderer, ColorScale, DisplayPanel, Download, EventChoice, EventData, EventProjection, EventTable, FramePane,
  ImageDisplay, ImageRenderer, LiveMarkup, LocalRangeSlider, LocalSlider, MeasureTool, MiniMap, PageState, PixelReadout,
}
