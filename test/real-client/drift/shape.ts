import { fieldName } from "./normalised.ts"

/** Fields whose values are a small set that the product decides by. */
const counted = new Set(["state", "status", "kind", "waitingFor", "entrypoint", "nameSource", "stop_reason"])

/** A JSON object's fields, as "name: type", down to `depth`; the parts of a list by their `type`. */
export function shapeOf(object: object, depth = 2): string[] {
  return Object.entries(object).flatMap(([name, value]) => field(fieldName(name), name, value, depth - 1))
}

function field(path: string, name: string, value: unknown, depth: number): string[] {
  if (counted.has(name) && typeof value === "string" && isWord(value)) return [`${path}: "${value}"`]
  if (Array.isArray(value)) return list(path, value, depth)
  if (typeof value !== "object" || value === null)
    return [`${path}: ${value === null ? "null" : typeof value}`]
  const inner = Object.entries(value)
  return depth <= 0
    ? [`${path}: object`]
    : [
        `${path}: object`,
        ...inner.flatMap(([key, each]) => field(`${path}.${fieldName(key)}`, key, each, depth - 1)),
      ]
}

function list(path: string, values: unknown[], depth: number): string[] {
  return [
    `${path}: list`,
    ...values.flatMap((value) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return []
      const { type } = value as { type?: unknown }
      const kind = typeof type === "string" && isWord(type) ? type : ""
      const inner = Object.entries(value).filter(([key]) => key !== "type" || kind === "")
      if (kind === "" && depth <= 0) return []
      return inner.map(([key, each]) => `${path}[${kind}].${fieldName(key)}: ${kindOf(each)}`)
    }),
  ]
}

const kindOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "list" : typeof value)

/** A name given by a programmer, or one of the phrases of `waitingFor`. */
const isWord = (text: string) => /^[A-Za-z][A-Za-z_-]*( [a-z]+){0,2}$/.test(text) && text.length <= 40

/** The kind of a record of a transcript: its type, and what the type leaves open. */
export function recordName(record: {
  type?: unknown
  subtype?: unknown
  operation?: unknown
  attachment?: unknown
}): string {
  const inner = (record.attachment as { type?: unknown } | undefined)?.type
  const words = [record.type, record.subtype ?? record.operation ?? inner]
  return words
    .filter((word) => typeof word === "string")
    .map((word) => (isWord(String(word)) ? word : "*"))
    .join("/")
}
