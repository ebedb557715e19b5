import { type ExitCode, exitCodes, isRescueError, type RescueError } from "../../domain/errors.ts"
import type { Readable, ShownItem } from "../../operations/search/show.ts"
import { errorDocument, iso, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"

/**
 * One document, written item by item: a session may be larger than memory. What goes wrong on the way is said at the
 * end of it, so that it stays one document.
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
  return item.is === "part" ? { ...item, time: iso(item.time) } : item
}
