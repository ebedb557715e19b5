import * as v from "valibot"
import { safePathParts } from "../export/recorded-path.ts"

const format = "session-rescue-push"
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const length = v.pipe(v.number(), v.integer(), v.minValue(0))

const commitSchema = v.object({
  format: v.literal(format),
  formatVersion: v.literal(1),
  tool: v.object({ name: v.string(), version: v.string() }),
  owner: v.string(),
  session: v.string(),
  export: v.string(),
  pushedAt: v.string(),
  /** Of the local archive record: equal in two pushes of the same archive, encrypted or not. */
  recordSha256: sha256,
  encryption: v.nullable(v.literal("age")),
  /** The record, the manifest, then the archiver's files in the order of the record; `name` is relative to this document. */
  objects: v.pipe(
    v.array(
      v.object({
        name: v.pipe(
          v.string(),
          v.check((name) => safePathParts(name) !== null),
        ),
        length,
        sha256,
      }),
    ),
    v.minLength(2),
  ),
})

/** The commit of an export to a team's archive. Written once, never changed. */
export type PushCommit = v.InferOutput<typeof commitSchema>

export function newCommit(facts: Omit<PushCommit, "format" | "formatVersion">): PushCommit {
  return { format, formatVersion: 1, ...facts }
}

/** null when the text is not a commit of a format this version knows. */
export function parseCommit(text: string): PushCommit | null {
  try {
    const result = v.safeParse(commitSchema, JSON.parse(text))
    return result.success ? result.output : null
  } catch {
    return null
  }
}
