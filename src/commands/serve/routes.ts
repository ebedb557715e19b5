import { isRescueError } from "../../domain/errors.ts"
import { silentReporter } from "../../domain/progress.ts"
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
import { openCalendar } from "../../operations/usage/calendar.ts"
import { reportUsage } from "../../operations/usage/usage-report.ts"
import { laterLook } from "../../pipeline/fresh-context.ts"
import { exportListDocument } from "../../view/exports/list.ts"
import { errorDocument } from "../../view/terminal/json.ts"
import { usageDocument } from "../../view/usage/usage-json.ts"
import type { Environment } from "../framework/environment.ts"
import { parseNarrowing } from "../framework/narrow-flags.ts"
import type { PageActions } from "./actions.ts"
import { SearchThread } from "./search-thread.ts"
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

/** Characters of a question. */
const maxAskedLength = 4000

type Route = (request: Request, url: URL) => Promise<Response> | Response

/** What the page asks for: requests to responses, without a port. */
export class Routes {
  readonly #served: Served
  readonly #timelines: TimelineReader
  readonly #searching: SearchThread
  #usageDocument: Promise<unknown> | null = null

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
      return await route(request, new URL(request.url, "http://page"))
    } catch (error) {
      if (!isRescueError(error)) throw error
      return jsonResponse(errorDocument(error), error.exitCode === 3 ? 404 : 409)
    }
  }

  close(): void {
    this.#searching.close()
  }

  #routeOf(path: string): readonly [RouteKind, Route | null] {
    const session = /^\/api\/session\/([0-9A-Za-z][0-9A-Za-z_-]{3,79})(\/block|\/prompts)?$/.exec(path)
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
    if (what === "") return async () => jsonResponse(timelineDocument(await this.#timelines.open(id)))
    return async (_, { searchParams }) => jsonResponse(await readBlock(id, searchParams, this.#timelines))
  }

  async #search(what: "search" | "prompts", asked: string, signal: AbortSignal): Promise<Response> {
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

  async #countUsage(): Promise<unknown> {
    const { paths, config, ctx } = this.#served.environment
    const calendar = openCalendar(false)
    const request = { calendar, since: null, project: null, agent: null, prices: config.prices, titles: 20 }
    const look = laterLook(ctx, paths)
    const report = await reportUsage(request, { paths, reporter: () => silentReporter }, look)
    return usageDocument(report, 400, [])
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
