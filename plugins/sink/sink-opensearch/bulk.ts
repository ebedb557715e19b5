import { type Fields, fieldsIn, type OpenSearch, reasonIn, UnexpectedAnswer } from "./client.ts"
import { refused } from "./place.ts"

/** One line, or two, of a bulk request. */
export interface BulkAction {
  readonly lines: string
  /** For people: what it is about. */
  readonly about: string
}

/** Half of what the smallest managed servers take. */
const maxRequestBytes = 5 << 20
/** Done before, or nothing to delete. */
const doneBefore = new Set([404, 409])
const laterStatuses = new Set([429, 500, 502, 503, 504])

export function createAction(
  place: { index: string; id: string },
  source: object,
  about: string,
): BulkAction {
  const action = JSON.stringify({ create: { _index: place.index, _id: place.id } })
  return { lines: `${action}\n${JSON.stringify(source)}\n`, about }
}

export function deleteAction(place: { index: string; id: string }, about: string): BulkAction {
  return { lines: `${JSON.stringify({ delete: { _index: place.index, _id: place.id } })}\n`, about }
}

/**
 * Performs each action, request by request, each after the answer to the one before. Returns how many changed
 * something. What the server has no room for now is sent again; what it refuses is an error, whatever else was taken.
 */
export async function sendBulk(client: OpenSearch, actions: readonly BulkAction[]): Promise<number> {
  let changed = 0
  let most = maxRequestBytes
  const patience = client.patience()
  for (let rest = actions; rest.length > 0; ) {
    const request = firstOf(rest, most)
    const answer = await sendOnce(client, request)
    if (answer === "too large") {
      if (request.length === 1)
        throw refused(
          `the team's index takes no part of this size: ${request[0]?.about}`,
          "raise http.max_content_length there",
        )
      most = Math.max(1, Math.floor(sizeOf(request) / 2))
      continue
    }
    const { waiting, done, why } = judge(request, answer)
    changed += done
    if (waiting.length > 0) await patience.wait(`the team's index has no room now (${why})`)
    else patience.progress()
    rest = [...waiting, ...rest.slice(request.length)]
  }
  return changed
}

function firstOf(actions: readonly BulkAction[], most: number): readonly BulkAction[] {
  let bytes = 0
  const count = actions.findIndex(({ lines }) => {
    bytes += Buffer.byteLength(lines)
    return bytes > most
  })
  return count < 0 ? actions : actions.slice(0, Math.max(1, count))
}

function sizeOf(actions: readonly BulkAction[]): number {
  return actions.reduce((sum, { lines }) => sum + Buffer.byteLength(lines), 0)
}

const wanted = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"

/** The items of the answer, one for each action. An answer that is not one is asked for again. */
async function sendOnce(
  client: OpenSearch,
  request: readonly BulkAction[],
): Promise<readonly Fields[] | "too large"> {
  const body = request.map(({ lines }) => lines).join("")
  const patience = client.patience()
  for (;;) {
    try {
      const { body: said } = await client.ask("POST", `_bulk?filter_path=${wanted}`, { body, patience })
      const items = Array.isArray(said.items) ? said.items.flatMap((item) => Object.values(item ?? {})) : []
      if (items.length === request.length) return items.map((item) => fieldsIn(item) ?? {})
    } catch (error) {
      if (error instanceof UnexpectedAnswer && error.status === 413) return "too large"
      throw error
    }
    await patience.wait("what answers for the team's index did not say what became of each part")
  }
}

/** Status 200 is said of the request: each action has its own. */
function judge(
  request: readonly BulkAction[],
  items: readonly Fields[],
): { readonly waiting: BulkAction[]; readonly done: number; readonly why: string } {
  const waiting: BulkAction[] = []
  let done = 0
  let why = ""
  for (const [n, action] of request.entries()) {
    const { status: said, error } = items[n] ?? {}
    const status = Number(said)
    const { type, reason } = reasonIn(error)
    // safety: sink-bulk-items
    if (status >= 200 && status < 300) done++
    else if (laterStatuses.has(status) || type === "cluster_block_exception") {
      waiting.push(action)
      why = `${status} ${type}: ${reason}`
    } else if (!doneBefore.has(status) || type === "index_not_found_exception")
      throw refused(
        `the team's index refuses ${action.about}: ${type}: ${reason} (${status})`,
        "nothing counts as sent; who runs the index can tell why",
      )
  }
  return { waiting, done, why }
}
