// Every model of the extension. Only models are exported: other names would land among Bokeh's own.
import {register_models} from "@bokehjs/base"
import {PageState} from "./panes/page_state"

register_models({PageState})

export {PageState}
