// Cuts such as "energy > 1 and abs(eta) < 2.5": compiled to functions of a row, over the columns of one collection.
//
//   or := and ("or" and)*        and := not ("and" not)*        not := "not" not | comparison
//   comparison := sum (("<" | "<=" | ">" | ">=" | "==" | "!=") sum)*            a < b < c means a < b and b < c
//   sum := product (("+" | "-") product)*        product := sign (("*" | "/") sign)*
//   sign := ("-" | "+") sign | number | name | "abs" "(" or ")" | "(" or ")"

import type {Collection} from "./packet"

export type Cut = (row: number) => boolean

const MANY_CHARACTERS = 500
const DEEP = 50

export class CutError extends Error {
  constructor(reason: string, position: number | null = null) {
    super(position == null ? reason : `${reason} (at character ${position + 1})`)
  }
}

type Token = {kind: "number" | "name" | "sign" | "end", text: string, at: number}

// How exact a value is: a number in the text, a small whole number, single precision, double precision.
const [LITERAL, SMALL, SINGLE, DOUBLE] = [0, 1, 2, 3]

// `constant`: the value, if it is the same for all rows.
type Node = {value: (row: number) => number, constant: number | null, precision: number}

const TOKEN = /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_][\w.]*)|(<=|>=|==|!=|[<>+\-*/()]))/y
const HINTS: {[sign: string]: string} = {"=": "==", "&": "and", "|": "or", "!": "not"}

function tokens(text: string): Token[] {
  if (text.length > MANY_CHARACTERS) {
    throw new CutError(`A cut has at most ${MANY_CHARACTERS} characters`, MANY_CHARACTERS)
  }
  const found: Token[] = []
  const end = text.trimEnd().length
  let at = 0
  while (at < end) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (match == null) {
      const position = at + text.slice(at).search(/\S/)
      const hint = HINTS[text[position]]
      throw new CutError(`"${text[position]}" is not understood${hint == null ? "" : `; write "${hint}"`}`, position)
    }
    const [whole, number, name, sign] = match
    const word = number ?? name ?? sign
    found.push({
      kind: number != null ? "number" : name != null ? "name" : "sign", text: word, at: at + whole.length - word.length,
    })
    at += whole.length
  }
  found.push({kind: "end", text: "", at: end})
  return found
}

function distance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]
}

// The names that look most like one that is not there.
export function nearest(name: string, names: string[]): string[] {
  const wanted = name.toLowerCase()
  const scored = names.map((each): [number, string] => {
    const known = each.toLowerCase()
    const within = wanted.length > 2 && known.includes(wanted) || known.length > 2 && wanted.includes(known)
    return [within ? 0.5 : distance(wanted, known), each]
  })
  return scored.filter(([score]) => score <= Math.max(2, name.length/2)).sort(([a], [b]) => a - b).slice(0, 3).map(
    ([, each]) => each)
}

const COMPARE: {[sign: string]: (a: number, b: number) => boolean} = {
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
  "==": (a, b) => a == b, "!=": (a, b) => a != b,
}

function constant(value: number): Node {
  return {value: () => value, constant: value, precision: LITERAL}
}

function combine(a: Node, b: Node, how: (a: number, b: number) => number): Node {
  if (a.constant != null && b.constant != null) {
    return constant(how(a.constant, b.constant))
  }
  const [left, right] = [a.value, b.value]
  return {value: (row) => how(left(row), right(row)), constant: null, precision: Math.max(a.precision, b.precision)}
}

// A column of single precision holds 0.1 as the single number next to it, which is what a reader means by 0.1.
function match_precision(node: Node, other: Node): (row: number) => number {
  if (node.constant != null && other.precision == SINGLE) {
    const value = Math.fround(node.constant)
    return () => value
  }
  return node.value
}

function compare(a: Node, sign: string, b: Node): Node {
  const [left, right] = [match_precision(a, b), match_precision(b, a)]
  const holds = COMPARE[sign]
  return {value: (row) => holds(left(row), right(row)) ? 1 : 0, constant: null, precision: SMALL}
}

// Neither 0 nor NaN.
function is_true(value: number): boolean {
  return value > 0 || value < 0
}

class Parser {
  private readonly tokens: Token[]
  private at = 0
  private depth = 0

  constructor(text: string, private readonly collection: Collection) {
    this.tokens = tokens(text)
  }

  parse(): Cut {
    const {value} = this.either()
    const left = this.peek()
    if (left.kind != "end") {
      throw new CutError(`"${left.text}" was not expected`, left.at)
    }
    return (row) => is_true(value(row))
  }

  private peek(): Token {
    return this.tokens[this.at]
  }

  private take(...texts: string[]): Token | null {
    const token = this.peek()
    return token.kind != "end" && texts.includes(token.text) ? this.tokens[this.at++] : null
  }

  private either(): Node {
    let result = this.both()
    while (this.take("or") != null) {
      const [left, right] = [result.value, this.both().value]
      result = {value: (row) => is_true(left(row)) || is_true(right(row)) ? 1 : 0, constant: null, precision: SMALL}
    }
    return result
  }

  private both(): Node {
    let result = this.negated()
    while (this.take("and") != null) {
      const [left, right] = [result.value, this.negated().value]
      result = {value: (row) => is_true(left(row)) && is_true(right(row)) ? 1 : 0, constant: null, precision: SMALL}
    }
    return result
  }

  private negated(): Node {
    const token = this.take("not")
    if (token == null) {
      return this.comparison()
    }
    const {value} = this.deeper(token, () => this.negated())
    return {value: (row) => is_true(value(row)) ? 0 : 1, constant: null, precision: SMALL}
  }

  private comparison(): Node {
    let left = this.sum()
    let result: Node | null = null
    for (let sign = this.take(...Object.keys(COMPARE)); sign != null; sign = this.take(...Object.keys(COMPARE))) {
      const right = this.sum()
      const next = compare(left, sign.text, right)
      result = result == null ? next : combine(result, next, (a, b) => a*b)
      left = right
    }
    return result ?? left
  }

  private sum(): Node {
    let result = this.product()
    for (let sign = this.take("+", "-"); sign != null; sign = this.take("+", "-")) {
      result = combine(result, this.product(), sign.text == "+" ? (a, b) => a + b : (a, b) => a - b)
    }
    return result
  }

  private product(): Node {
    let result = this.signed()
    for (let sign = this.take("*", "/"); sign != null; sign = this.take("*", "/")) {
      result = combine(result, this.signed(), sign.text == "*" ? (a, b) => a*b : (a, b) => a/b)
    }
    return result
  }

  private signed(): Node {
    const sign = this.take("-", "+")
    if (sign == null) {
      return this.atom()
    }
    const inner = this.deeper(sign, () => this.signed())
    return sign.text == "-" ? combine(constant(-1), inner, (a, b) => a*b) : inner
  }

  private atom(): Node {
    const token = this.peek()
    this.at = Math.min(this.at + 1, this.tokens.length - 1)
    if (token.kind == "number") {
      return constant(Number(token.text))
    }
    if (token.text == "(") {
      return this.closed(token)
    }
    if (token.text == "abs" && this.peek().text == "(") {
      const inner = this.closed(this.take("(")!)
      return combine(inner, constant(0), (a) => Math.abs(a))
    }
    if (token.kind == "name" && !["and", "or", "not"].includes(token.text)) {
      return this.column(token)
    }
    const what = token.kind == "end" ? "Something is missing: a column or a number was expected" :
      `"${token.text}" stands where a column or a number was expected`
    throw new CutError(what, token.at)
  }

  private closed(open: Token): Node {
    const inner = this.deeper(open, () => this.either())
    if (this.take(")") == null) {
      throw new CutError("This bracket is not closed", open.at)
    }
    return inner
  }

  private deeper(token: Token, inner: () => Node): Node {
    this.depth += 1
    if (this.depth > DEEP) {
      throw new CutError("This is nested too deeply", token.at)
    }
    const result = inner()
    this.depth -= 1
    return result
  }

  private column({text, at}: Token): Node {
    const {name, columns} = this.collection
    const column = columns.get(text)
    if (column == null) {
      const usable = [...columns.values()].filter(({width}) => width == 1).map((each) => each.name)
      const near = nearest(text, usable)
      const hint = near.length == 0 ? `There are ${usable.slice(0, 8).join(", ")}` : `Did you mean ${near.join(" or ")}`
      throw new CutError(`${name} has no column ${text}. ${hint}${near.length == 0 ? "" : "?"}`, at)
    }
    if (column.width != 1) {
      throw new CutError(`${text} has ${column.width} numbers in each row, so nothing can be compared with it`, at)
    }
    const {values} = column
    const precision = values instanceof Float32Array ? SINGLE : values.BYTES_PER_ELEMENT <= 2 ? SMALL : DOUBLE
    return {value: (row) => values[row], constant: null, precision}
  }
}

// Raises `CutError`. An empty text lets everything through and gives null.
export function compile(text: string, collection: Collection): Cut | null {
  return text.trim() == "" ? null : new Parser(text, collection).parse()
}
