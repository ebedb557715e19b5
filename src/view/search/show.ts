import { type ExitCode, exitCodes, isRescueError, type RescueError } from "../../domain/errors.ts"
import type { Readable, ShownItem } from "../../operations/search/show.ts"
import type { ShowView } from "../render/plain.ts"
import { errorDocument, iso, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

export function showHead(session: Readable, { format }: ShowView, out: Output): void {
  const where = sanitize(describeSource(session))
  out.print(format === "md" ? `# Session ${session.id}\n\n*${where}*` : `${session.id} · ${where}`)
}

/** Where a session is read from; untrusted. */
export function describeSource({ from, path }: Pick<Readable, "from" | "path">): string {
  if (from === "live") return `read from ${path ?? ""}`
  if (from !== "index") return `read from the export ${from}`
  return path === null ? "from the index: its file no longer exists" : `from the index: no longer in ${path}`
}

/**
 * Writes one JSON document item by item: a session may be larger than memory. An error on the way is part of the
 * document's end, so that the document stays valid.
 */
export async function printShown(
  { id, from, path, items }: Readable,
  warnings: readonly string[],
  out: Output,
  isUnread: () => boolean = () => false,
): Promise<ExitCode> {
  const head = { schemaVersion, id, from, path }
  out.print(`${JSON.stringify(head).slice(0, -1)},"items":[`)
  let between = ""
  let failure: RescueError | null = null
  try {
    for await (const item of items) {
      out.print(between + JSON.stringify(itemFacts(item)))
      between = ","
      if (isUnread()) return exitCodes.done
    }
  } catch (error) {
    if (!isRescueError(error) || error.code === "ANSWER_LOST") throw error
    failure = error
  }
  const end = { warnings, ...(failure === null ? {} : { error: errorDocument(failure).error }) }
  out.print(`],${JSON.stringify(end).slice(1)}`)
  return failure?.exitCode ?? exitCodes.done
}

function itemFacts(item: ShownItem): object {
  return item.type === "part" ? { ...item, time: iso(item.time) } : item
}
