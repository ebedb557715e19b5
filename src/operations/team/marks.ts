import * as v from "valibot"
import type { Paths } from "../../system/config/paths.ts"
import { appendLine, readTextFile, replaceDocument } from "../../system/fs/config-files.ts"
import { makeFolders } from "../../system/fs/durable.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"

const markSchema = v.object({ recordSha256: v.string(), pushedAt: v.string() })

/** What is known to be in the store; written after the answer. A lost one means that the store is asked again. */
export type PushMark = v.InferOutput<typeof markSchema>

function folderFor({ data }: Pick<Paths, "data">, key: string): string {
  return `${data}/team/pushed-${key}`
}

export function readMark(paths: Pick<Paths, "data">, key: string, name: string): PushMark | null {
  try {
    const text = readTextFile(`${folderFor(paths, key)}/${name}.json`)
    const result = text === null ? null : v.safeParse(markSchema, JSON.parse(text))
    return result?.success ? result.output : null
  } catch {
    return null
  }
}

/** The names of all exports with a mark. */
export function markedNames(paths: Pick<Paths, "data">, key: string): ReadonlySet<string> {
  const names = listDirOrEmpty(folderFor(paths, key)).filter(
    (each) => each.endsWith(".json") && !each.startsWith("."),
  )
  return new Set(names.map((each) => each.slice(0, -".json".length)))
}

export async function writeMark(
  paths: Pick<Paths, "data">,
  key: string,
  { name, ...mark }: PushMark & { readonly name: string },
): Promise<void> {
  makeFolders(folderFor(paths, key), false)
  await replaceDocument(`${folderFor(paths, key)}/${name}.json`, `${JSON.stringify(mark)}\n`, { flush: true })
}

/** Where to, and what, the user has agreed that exports go. */
export interface Agreement {
  readonly place: string
  readonly owner: string
  readonly projects: readonly string[]
  readonly encrypted: boolean
  /** The team's index, to which texts without their secrets go; absent: there is none. */
  readonly index?: string
}

export function hasAgreed(paths: Pick<Paths, "data">, agreement: Agreement): boolean {
  try {
    return readTextFile(agreementPath(paths)) === formatAgreement(agreement)
  } catch {
    return false
  }
}

export async function rememberAgreement(paths: Pick<Paths, "data">, agreement: Agreement): Promise<void> {
  makeFolders(`${paths.data}/team`, false)
  await replaceDocument(agreementPath(paths), formatAgreement(agreement), { flush: true })
}

function agreementPath({ data }: Pick<Paths, "data">): string {
  return `${data}/team/agreed.json`
}

function formatAgreement({ place, owner, projects, encrypted, index }: Agreement): string {
  return `${JSON.stringify({ place, owner, projects, encrypted, index }, null, 2)}\n`
}

/** One line for each push, pull and forget: what left this machine, what came, and what was removed there. */
export function auditPath({ data }: Pick<Paths, "data">): string {
  return `${data}/team/audit.jsonl`
}

export function appendAudit(paths: Pick<Paths, "data">, entry: object): Promise<void> {
  return appendLine(auditPath(paths), JSON.stringify(entry))
}

/**
 * Sessions that were pulled from other owners: theirs to send. One that was pushed from here before it was pulled is this
 * owner's own.
 */
export function pulledSessions(paths: Pick<Paths, "data">, owner: string): ReadonlySet<string> {
  const pulled = new Set<string>()
  const own = new Set<string>()
  for (const { act, owner: of, session } of auditEntries(paths)) {
    if (typeof session !== "string") continue
    if (act === "push" && of === owner && !pulled.has(session)) own.add(session)
    if (act === "pull" && of !== owner && !own.has(session)) pulled.add(session)
  }
  return pulled
}

/** Sessions of which this machine knows that the store has a tombstone. */
export function forgottenSessions(
  paths: Pick<Paths, "data">,
  of: { readonly owner: string; readonly place: string },
): ReadonlySet<string> {
  const found = auditEntries(paths).flatMap(({ act, owner, place, session }) =>
    (act === "forget" || act === "forgotten") && owner === of.owner && place === of.place
      ? [String(session)]
      : [],
  )
  return new Set(found)
}

function auditEntries(paths: Pick<Paths, "data">): readonly Readonly<Record<string, unknown>>[] {
  const lines = (readTextFile(auditPath(paths)) ?? "").split("\n").filter((line) => line !== "")
  return lines.map(parseEntry)
}

/** Empty for a line that was cut off. */
function parseEntry(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line))
  } catch {
    return {}
  }
}
