import type { RowValue } from "../../domain/rows/rows.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { quoteName } from "./tables.ts"

export type SqlValue = string | number | bigint | Uint8Array | null

/**
 * What is selected of a table so that nothing of a value is lost: `types` has a letter for the type of each column
 * (`n` `i` `r` `t` `b`), which are `c0` and so on; integers that a double does not hold are text.
 */
export function selectList(columns: readonly string[]): string {
  const types = columns.map((each) => `substr(typeof(${quoteName(each)}), 1, 1)`).join(" || ")
  const values = columns.map((each, index) => {
    const name = quoteName(each)
    const isLarge = `typeof(${name}) = 'integer' and (${name} > 9007199254740991 or ${name} < -9007199254740991)`
    return `case when ${isLarge} then cast(${name} as text) else ${name} end as c${index}`
  })
  return [`${types} as types`, ...values].join(", ")
}

/** Bytes of a text column, for text that is not UTF-8. */
export type RawText = (column: string) => Uint8Array | null

export function encodeValue(
  type: string | undefined,
  value: SqlValue,
  column: string,
  raw: RawText,
): RowValue {
  switch (type) {
    case "i":
      return typeof value === "number" ? value : { integer: String(value) }
    case "r":
      return encodeReal(value as number)
    case "b":
      return { blob: Buffer.from(value as Uint8Array).toString("base64") }
    case "t":
      return encodeText(value as string, column, raw)
    default:
      return null
  }
}

/** A number with a fraction is a real; one without is an integer, so that a real without is written another way. */
function encodeReal(value: number): RowValue {
  const isPlain = Number.isFinite(value) && !Number.isInteger(value)
  return isPlain ? value : { real: Object.is(value, -0) ? "-0" : String(value) }
}

function encodeText(value: string, column: string, raw: RawText): RowValue {
  if (/[\u0000\ufffd]/.test(value)) {
    const bytes = raw(column)
    // safety: rows-raw-text
    if (bytes !== null && !Buffer.from(value).equals(bytes))
      return { text: Buffer.from(bytes).toString("base64") }
  }
  if (!value.startsWith("{") && !value.startsWith("[")) return value
  try {
    const json: unknown = JSON.parse(value)
    return JSON.stringify(json) === value ? { json } : value // safety: rows-exact-json
  } catch {
    return value
  }
}

/** What is bound to put a value back, and how it is written in the statement. */
export function decodeValue(value: RowValue): { readonly bound: SqlValue; readonly as: string } {
  if (value === null) return { bound: null, as: "?" }
  if (typeof value === "string") return { bound: value, as: "?" }
  if (typeof value === "number")
    return Number.isInteger(value) ? { bound: BigInt(value), as: "?" } : { bound: value, as: "?" }
  if ("integer" in value) return { bound: BigInt(value.integer), as: "?" }
  if ("real" in value) return { bound: Number(value.real), as: "cast(? as real)" }
  if ("blob" in value) return { bound: Buffer.from(value.blob, "base64"), as: "?" }
  if ("text" in value) return { bound: Buffer.from(value.text, "base64"), as: "cast(? as text)" }
  return { bound: JSON.stringify(value.json), as: "?" }
}

/** Reads the bytes of one row's text. */
export function rawReader(
  database: Database,
  table: string,
  key: readonly string[],
  values: readonly SqlValue[],
): RawText {
  return (column) => {
    const where = key.map((each) => `${quoteName(each)} is ?`).join(" and ")
    const found = database
      .query<{ bytes: Uint8Array | null }, SqlValue[]>(
        `select cast(${quoteName(column)} as blob) as bytes from ${quoteName(table)} where ${where}`,
      )
      .get(...values)
    return found?.bytes ?? null
  }
}
