import { type Context, day, fieldsOf } from "session-rescue"
import { readObject } from "./projects.ts"

/** What the client deletes whenever it starts: null for no limit. */
export interface Retention {
  readonly maxAgeMs: number | null
  /** Of one folder's sessions only the newest stay. */
  readonly maxCount: number | null
}

const units: Readonly<Record<string, number>> = { h: day / 24, d: day, w: 7 * day, m: 30 * day }

/** `general.sessionRetention`, on by default with 30 days (public documentation). Settings of a folder are not read. */
export function retention(ctx: Context, home: string): Retention {
  const general = fieldsOf(readObject(ctx, `${home}/settings.json`).general)
  const { enabled = true, maxAge = "30d", maxCount = null } = fieldsOf(general.sessionRetention)
  if (enabled === false) return { maxAgeMs: null, maxCount: null }
  const [, number, unit = ""] = /^(\d+)([hdwm])$/.exec(`${maxAge}`) ?? []
  const age = Number(number) * (units[unit] ?? Number.NaN)
  return {
    maxAgeMs: age > 0 ? age : null,
    maxCount: typeof maxCount === "number" && maxCount >= 1 ? maxCount : null,
  }
}
