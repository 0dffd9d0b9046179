// What the server tells about each layer of an image (`layer` in image_display.py).

export type LayerInfo = {
  name: string
  unit: string
  exact: boolean // whether all pixels were looked at, and not a sample
  limits: Map<string, [number, number]> // by mode
  quantiles: Float64Array // at equal steps of probability, from the least to the greatest
  counts: Float64Array
  edges: Float64Array // one more than counts
}

type Said = Map<string, unknown> | {[name: string]: unknown}

// From the server a dictionary comes as a Map, from the page's own scripts perhaps as an object.
function entries(said: unknown): Map<string, unknown> {
  return said instanceof Map ? said : new Map(typeof said == "object" && said != null ? Object.entries(said) : [])
}

function numbers(values: unknown, least: number): Float64Array {
  const array = values != null && typeof values == "object" ? Float64Array.from(values as ArrayLike<number>) : null
  return array != null && array.length >= least ? array : Float64Array.from({length: least}, (_, k) => k)
}

export function read_layer(said: Said): LayerInfo {
  const layer = entries(said)
  const limits = new Map<string, [number, number]>()
  for (const [mode, ends] of entries(layer.get("limits"))) {
    const [low, high] = ends as [number, number]
    if (isFinite(low) && isFinite(high) && low < high) {
      limits.set(mode, [low, high])
    }
  }
  return {
    name: String(layer.get("name") ?? ""),
    unit: String(layer.get("unit") ?? ""),
    exact: layer.get("exact") !== false,
    limits,
    quantiles: numbers(layer.get("quantiles"), 2),
    counts: numbers(layer.get("counts"), 1),
    edges: numbers(layer.get("edges"), 2),
  }
}
