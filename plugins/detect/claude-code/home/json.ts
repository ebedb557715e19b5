import type { Context, DiskPath } from "session-rescue"

export type JsonObject = Readonly<Record<string, unknown>>

/** Reads a JSON file of the client as an object; null when it is missing, not an object, or above `maxBytes`. */
export function readJson(ctx: Pick<Context, "files">, path: DiskPath, maxBytes = 1 << 20): JsonObject | null {
  try {
    return objectOf(JSON.parse(ctx.files.text(path, maxBytes) ?? "null"))
  } catch {
    return null // partially written or damaged
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
