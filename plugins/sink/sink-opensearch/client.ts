import { beforeStall, Patience, RescueError, type SinkContext } from "session-rescue"
import { placeOf, refused } from "./place.ts"

interface Asking {
  /** An object is sent as JSON, a text as lines of JSON. */
  readonly body?: object | string
  /** Statuses beside 200 to 299 that are an answer. */
  readonly accept?: readonly number[]
  readonly patience?: Patience
}

export interface Answer {
  readonly status: number
  readonly body: Fields
}
export type Fields = Readonly<Record<string, unknown>>

/** A person waits: a server that has not answered in this run is not waited for any longer. */
const firstPatienceMs = 4_000
const firstStallMs = 10_000
const defaultPatienceMs = 60_000
const stallMs = 60_000
/** A body may take as long as at 50 KB/s. */
const slowestBytesPerMs = 50

const laterStatuses = new Set([408, 425, 429, 500, 502, 503, 504])
/** A cluster without its manager, or one whose disks are full, may say 403 or 404. */
const laterTypes = /^(cluster_block_exception|circuit_breaking_exception|.*_rejected_execution_exception)$/

/** A prefix at the end of a phrase that begins more than 1,024 words is an error of the server (2.19.6, observed). */
const tooManyWords = /maxClauseCount|too_many_clauses/

/** Requests to one cluster. What time fixes is tried again, with growing and random delays, as long as patience lasts. */
export class OpenSearch {
  readonly #ctx: SinkContext
  readonly #place: ReturnType<typeof placeOf>
  readonly #patienceMs: number
  #hasAnswered = false

  constructor(ctx: SinkContext) {
    this.#ctx = ctx
    this.#place = placeOf(ctx)
    const seconds = ctx.options.patience as number | undefined
    this.#patienceMs = seconds === undefined ? defaultPatienceMs : seconds * 1000
  }

  patience(mostMs = this.#patienceMs): Patience {
    const most = this.#hasAnswered ? mostMs : Math.min(mostMs, firstPatienceMs)
    return new Patience(this.#ctx, Math.min(most, this.#patienceMs))
  }

  async ask(
    method: string,
    path: string,
    { body, accept = [], patience = this.patience() }: Asking = {},
  ): Promise<Answer> {
    for (;;) {
      const answered = await this.#once(method, path, body)
      if (typeof answered === "string") {
        await patience.wait(answered)
        continue
      }
      this.#hasAnswered = true
      const { status, body: said, retryAfterMs } = answered
      if ((status >= 200 && status < 300) || accept.includes(status)) return { status, body: said }
      const { type, reason } = errorIn(said)
      if (tooManyWords.test(type + reason))
        throw new RescueError(
          "USAGE",
          "too many words in the team's index begin as the last word of the phrase does",
          "type more letters of that word, or search for it without the others",
        )
      if (!laterStatuses.has(status) && !laterTypes.test(type)) throw answerError(status, type, reason)
      await patience.wait(`the team's index answered ${status}${inBrackets(type, reason)}`, retryAfterMs)
    }
  }

  /** A text: why there is no answer. */
  async #once(
    method: string,
    path: string,
    body: Asking["body"],
  ): Promise<(Answer & { readonly retryAfterMs: number | null }) | string> {
    const { base, authorization, ca } = this.#place
    const text = typeof body === "object" ? JSON.stringify(body) : body
    const most =
      (this.#hasAnswered ? stallMs : firstStallMs) + Math.ceil((text?.length ?? 0) / slowestBytesPerMs)
    const headers = {
      ...(authorization === null ? {} : { authorization }),
      ...(typeof body === "object" ? { "content-type": "application/json" } : {}),
      ...(typeof body === "string" ? { "content-type": "application/x-ndjson" } : {}),
    }
    const signal = AbortSignal.any([this.#ctx.signal, AbortSignal.timeout(most)])
    const request = new Request(`${base}/${path}`, {
      ...{ method, headers, signal },
      ...(text === undefined ? {} : { body: text }),
    })
    let response: Response
    let said: string
    try {
      response = await this.#ctx.request(request, ca === null ? {} : { ca })
      said = await beforeStall(response.text(), most)
    } catch (error) {
      const { code, message } = error as { readonly code?: unknown; readonly message: string }
      const why = typeof code === "string" ? code : message
      if (/CERT|SELF_SIGNED|ISSUER|UNABLE_TO_VERIFY/.test(why))
        throw refused(
          `the certificate of the team's index is not trusted: ${why}`,
          "if the team has a CA of its own, set ca under [team.sink]",
        )
      return `the team's index does not answer (${why})`
    }
    const { status } = response
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN)
    const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null
    const parsed = parseFields(said)
    // safety: sink-whole-answer
    if (parsed === null && status >= 200 && status < 300)
      return "what answers for the team's index was cut off, or is not OpenSearch"
    return { status, body: parsed ?? {}, retryAfterMs }
  }
}

function parseFields(text: string): Fields | null {
  try {
    return fieldsIn(JSON.parse(text))
  } catch {
    return null
  }
}

export function fieldsIn(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null
}

/** What is wrong: `{ error: { type, reason, root_cause, caused_by } }`, or a text. */
function errorIn(said: Fields): { readonly type: string; readonly reason: string } {
  return typeof said.error === "string" ? { type: "", reason: said.error } : reasonIn(said.error)
}

export function reasonIn(error: unknown): { readonly type: string; readonly reason: string } {
  const fields = fieldsIn(error) ?? {}
  const [root] = Array.isArray(fields.root_cause) ? fields.root_cause : []
  const cause = fieldsIn(fields.caused_by) ?? fieldsIn(fieldsIn(root)?.caused_by)
  const reason = String(fields.reason ?? "")
  return {
    type: String(fields.type ?? ""),
    reason: cause === null ? reason : `${reason}: ${String(cause.reason ?? "")}`,
  }
}

function inBrackets(type: string, reason: string): string {
  const said = [type, reason].filter((each) => each !== "").join(": ")
  return said === "" ? "" : ` (${said})`
}

function answerError(status: number, type: string, reason: string): RescueError {
  const said = inBrackets(type, reason)
  if (status === 401)
    return refused(
      `the team's index does not know who asks${said}`,
      "set OPENSEARCH_USERNAME and OPENSEARCH_PASSWORD, or OPENSEARCH_API_KEY, or see ~/.netrc",
    )
  if (status === 403)
    return refused(
      `the team's index refuses it${said}`,
      "ask who runs it for the right; docs/team.md lists the rights",
    )
  if (status >= 300 && status < 400)
    return refused("the team's index answers from another place", "set url under [team.sink] to that one")
  if (status === 404 && type === "index_not_found_exception")
    return refused(
      `there is no such index yet${said}`,
      "session-rescue cx --team makes it; or see index under [team.sink]",
    )
  return new UnexpectedAnswer(status, said)
}

/** An answer that neither time nor a setting fixes; the caller may know better. */
export class UnexpectedAnswer extends RescueError {
  readonly status: number

  constructor(status: number, said: string) {
    super("STORE_REFUSED", `the team's index answered ${status}${said}`, "nothing is lost here; report it")
    this.status = status
  }
}
