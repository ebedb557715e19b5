import { isRescueError, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { narrowExports } from "../../operations/exports/narrow.ts"
import { selectExports } from "../../operations/exports/select.ts"
import { type Guard, type RouteKind, randomSecret } from "../../operations/serve/guard.ts"
import {
  jsonResponse,
  jsonTextResponse,
  pageResponse,
  streamResponse,
} from "../../operations/serve/headers.ts"
import { TimelineReader } from "../../operations/serve/timeline.ts"
import { laterLook } from "../../pipeline/fresh-context.ts"
import { releaseFilePages } from "../../system/native/file-pages.ts"
import { runAgain } from "../../system/process/self-path.ts"
import { collectGarbage } from "../../system/runtime/gc.ts"
import { exportListDocument } from "../../view/exports/list.ts"
import { errorDocument } from "../../view/terminal/json.ts"
import type { Environment } from "../framework/environment.ts"
import { parseNarrowing } from "../framework/narrow-flags.ts"
import type { PageActions } from "./actions.ts"
import { SearchThread } from "./search-thread.ts"
import type { IndexQuestion } from "./search-worker.ts"
import type { SessionStream } from "./session-stream.ts"
import { readBlock, timelineDocument } from "./timeline-json.ts"

interface Served {
  readonly environment: Environment
  readonly guard: Guard
  readonly page: string
  readonly stream: SessionStream
  /** null: read only. */
  readonly actions: PageActions | null
}

/** Days, models and projects of which the page is told. */
const maxUsageRows = 200
const tidyAfterMs = 300
/** Answers after which it is collected in any case. */
const maxUntidied = 6

/** Characters of a question. */
const maxAskedLength = 4000

type Route = (request: Request, url: URL) => Promise<Response> | Response

/** What the page asks for: requests to responses, without a port. */
export class Routes {
  readonly #served: Served
  readonly #timelines: TimelineReader
  readonly #searching: SearchThread
  #usageDocument: Promise<unknown> | null = null
  #tidying: NodeJS.Timeout | null = null
  #unTidied = 0

  constructor(served: Served) {
    this.#served = served
    const { ctx, paths } = served.environment
    this.#searching = new SearchThread(paths)
    this.#timelines = new TimelineReader(paths, () => laterLook(ctx, paths))
  }

  async handle(request: Request): Promise<Response> {
    const path = /^[^?#]*/.exec(request.url.replace(/^[a-z]+:\/\/[^/]*/, ""))?.[0] ?? ""
    const [kind, route] = this.#routeOf(path)
    const refused = this.#served.guard.check(request, kind)
    if (refused !== null) return jsonResponse({ why: refused.why }, refused.status)
    if (route === null) return jsonResponse({ why: "not found" }, 404)
    try {
      const answer = await route(request, new URL(request.url, "http://page"))
      this.#tidyLater()
      return answer
    } catch (error) {
      if (!isRescueError(error)) throw error
      return jsonResponse(errorDocument(error), error.exitCode === 3 ? 404 : 409)
    }
  }

  close(): void {
    if (this.#tidying !== null) clearTimeout(this.#tidying)
    this.#searching.close()
  }

  /** What answers leave behind adds up; it is collected once nobody has asked for a moment. */
  #tidyLater(): void {
    if (this.#tidying !== null) clearTimeout(this.#tidying)
    this.#unTidied++
    if (this.#unTidied > maxUntidied) this.#tidy()
    else this.#tidying = setTimeout(() => this.#tidy(), tidyAfterMs)
  }

  #tidy(): void {
    this.#unTidied = 0
    this.#tidying = null
    collectGarbage()
    void releaseFilePages()
  }

  #routeOf(path: string): readonly [RouteKind, Route | null] {
    const session = /^\/api\/session\/([0-9A-Za-z][0-9A-Za-z_-]{3,79})(\/block|\/prompts|\/links)?$/.exec(
      path,
    )
    if (session !== null) return ["read", this.#session(session[1] ?? "", session[2] ?? "")]
    switch (path) {
      case "/":
        return ["page", () => pageResponse(this.#served.page, randomSecret())]
      case "/api/enter":
        return ["enter", (request) => this.#enter(request)]
      case "/api/about":
        return ["read", () => this.#about()]
      case "/api/sessions":
        return ["read", (request) => streamResponse(this.#served.stream.open(request.signal))]
      case "/api/search":
        return [
          "read",
          (request, url) => this.#search("search", url.search.slice(0, maxAskedLength), request.signal),
        ]
      case "/api/usage":
        return ["read", () => this.#usage()]
      case "/api/exports":
        return ["read", () => this.#exports()]
      case "/api/act":
        return ["act", (request) => this.#act(request)]
      default:
        return ["page", null]
    }
  }

  async #enter(request: Request): Promise<Response> {
    const { token } = (await bodyOf(request)) ?? {}
    const key = typeof token === "string" ? this.#served.guard.enter(token) : null
    return key === null
      ? jsonResponse({ why: "this link was used, or is wrong" }, 401)
      : jsonResponse({ key })
  }

  #about(): Response {
    const { paths } = this.#served.environment
    return jsonResponse({ version, home: paths.home, actions: this.#served.actions !== null })
  }

  #session(id: string, what: string): Route {
    if (what === "/prompts") return ({ signal }) => this.#search("prompts", id, signal)
    if (what === "/links") return ({ signal }) => this.#search("links", id, signal)
    if (what === "") return async () => jsonResponse(timelineDocument(await this.#timelines.open(id)))
    return async (_, { searchParams }) => jsonResponse(await readBlock(id, searchParams, this.#timelines))
  }

  async #search(what: IndexQuestion["what"], asked: string, signal: AbortSignal): Promise<Response> {
    const question = { what, asked, paths: this.#served.environment.paths, now: Date.now() }
    const { status, body } = await this.#searching.ask(question, signal)
    return jsonTextResponse(body, status)
  }

  /** Asked by several pages at once, it is counted once. */
  async #usage(): Promise<Response> {
    this.#usageDocument ??= this.#countUsage().finally(() => {
      this.#usageDocument = null
    })
    return jsonResponse(await this.#usageDocument)
  }

  /** Reading every transcript takes memory that this process would keep. */
  async #countUsage(): Promise<unknown> {
    const args = ["usage", "--json", "--limit", `${maxUsageRows}`]
    const { stdout, stderr } = await runAgain([...args, "--data-dir", this.#served.environment.paths.data])
    try {
      const { all, today, last7Days, days, models, projects } = JSON.parse(stdout)
      return { all, today, last7Days, days, models, projects }
    } catch {
      throw new RescueError("CANNOT_READ", "the usage could not be counted", stderr.slice(0, 500))
    }
  }

  #exports(): Response {
    const { paths, ctx, parsed } = this.#served.environment
    const narrowing = parseNarrowing({ ...parsed, flags: new Map() }, ctx)
    const { entries, excluded, leftOff } = narrowExports(selectExports([], paths), {
      ...narrowing,
      limit: 1000,
    })
    return jsonResponse(exportListDocument(entries, { notShown: excluded + leftOff, leftOff }, []))
  }

  async #act(request: Request): Promise<Response> {
    const { actions } = this.#served
    // safety: actions-allowed
    if (actions === null) return jsonResponse({ why: "read only: start it with --allow-actions" }, 403)
    const asked = await bodyOf(request)
    if (asked === null) return jsonResponse({ why: "no JSON" }, 400)
    const { status, body } = await actions.act(asked)
    this.#served.stream.lookAnew()
    return jsonResponse(body, status)
  }
}

async function bodyOf(request: Request): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const value: unknown = await request.json()
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}
