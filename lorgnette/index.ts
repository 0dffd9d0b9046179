// Every model of the extension. Only models are exported: other names would land among Bokeh's own.
import {register_models} from "@bokehjs/base"
import {Download} from "./panes/download"
import {LiveMarkup} from "./panes/live_markup"
import {PageState} from "./panes/page_state"

register_models({Download, LiveMarkup, PageState})

export {Download, LiveMarkup, PageState}
