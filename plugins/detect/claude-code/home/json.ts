import type { Context, DiskPath } from "session-rescue"

export type JsonObject = Readonly<Record<string, unknown>>

/** A small JSON file of the client's, as an object; null where it is none, or is not there. */
export function readJson(ctx: Context, path: DiskPath): JsonObject | null {
  try {
    return objectOf(JSON.parse(ctx.files.text(path, 1 << 20) ?? "null"))
  } catch {
    return null // half written, or damaged
  }
}

export function objectOf(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

export function textIn(value: unknown): string | null {
  return typeof value === "string" ? value : null
}

export function numberIn(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null
}
