import type { JsonObject } from "../home/json.ts"
import { describeVersion } from "../home/tested-versions.ts"

export const statuses = ["idle", "busy", "waiting", "shell"] as const
const known: Readonly<Record<string, readonly string[]>> = {
  // 2.1.197 and 2.1.332: observed. `sdk`: public
  kind: ["interactive", "bg", "daemon", "daemon-worker", "sdk"],
  status: statuses,
  waitingFor: [
    "permission prompt",
    "dialog open",
    "input needed",
    "goal proposal",
    "sandbox request",
    "worker request",
  ],
}

/** Unknown values of a later client are quoted; nothing is concluded from them. */
export function unknownValues(raw: JsonObject, version: string | null): readonly string[] {
  return Object.entries(known).flatMap(([field, values]) => {
    const value = raw[field]
    if (value === undefined || value === null || values.includes(value as string)) return []
    return [`${field} ${quote(value)} is not known to this version (${describeVersion(version)})`]
  })
}

function quote(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`
}
