import { type KillTarget, KillTickets } from "../../operations/serve/kill-tickets.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { laterLook } from "../../pipeline/fresh-context.ts"
import { runAgain } from "../../system/process/self-path.ts"
import type { Environment } from "../framework/environment.ts"

interface Acted {
  readonly status: number
  readonly body: unknown
}

/** What the page may ask to be done; each is a command of this program, so that no check of it can be missing. */
export class PageActions {
  readonly #environment: Environment
  readonly #tickets = new KillTickets()

  constructor(environment: Environment) {
    this.#environment = environment
  }

  async act(asked: Readonly<Record<string, unknown>>): Promise<Acted> {
    const { action, id, ticket, typed } = asked
    // safety: no-flag
    if (typeof id !== "string" || !/^[0-9A-Za-z][0-9A-Za-z_-]{3,79}$/.test(id))
      return refused(400, "no session named")
    switch (action) {
      case "resume":
        return this.#run(["resume", id])
      case "export":
        return this.#run(["export", id])
      case "restore-dry-run":
        return this.#run(["restore", id, "--dry-run"])
      case "restore":
        return this.#run(["restore", id])
      case "kill-ask":
        return this.#askToKill(id)
      case "kill":
        return typeof ticket === "string" && typeof typed === "string"
          ? this.#kill(id, ticket, typed)
          : refused(400, "no answer to the question")
      default:
        return refused(400, "unknown action")
    }
  }

  /** What a kill would do, and what has to be typed to do it. */
  async #askToKill(id: string): Promise<Acted> {
    const target = await findLive(id, this.#environment)
    if (target === null) return refused(409, "it is not running, or not one session")
    const { status, body } = await this.#run(["kill", id, "--dry-run"])
    if (status !== 200) return { status, body }
    return { status, body: { would: body, word: target.word, ticket: this.#tickets.issue(target) } }
  }

  async #kill(id: string, ticket: string, typed: string): Promise<Acted> {
    const target = this.#tickets.redeem(ticket, typed)
    if (target === null || target.id !== id) return refused(409, "not confirmed: ask again and type the name")
    const now = await findLive(id, this.#environment)
    if (now === null || now.pid !== target.pid || now.startMark !== target.startMark)
      return refused(409, "another process runs it now: ask again")
    return this.#run(["kill", id, "--force"])
  }

  async #run(args: readonly string[]): Promise<Acted> {
    const { data } = this.#environment.paths
    const { code, stdout, stderr } = await runAgain([...args, "--json", "--data-dir", data])
    try {
      return { status: code === 0 ? 200 : 409, body: { code, document: JSON.parse(stdout) } }
    } catch {
      return refused(500, `it ended with ${code ?? "a signal"} and said: ${stderr.slice(0, 2000)}`)
    }
  }
}

/** The one process that runs a session now; null: none, or several. */
async function findLive(id: string, { ctx, paths }: Environment): Promise<KillTarget | null> {
  const found = await detectAll(laterLook(ctx, paths), null)
  const [first, another] = found.flatMap(({ id: own, process }) =>
    own === id && process !== null ? [process] : [],
  )
  if (first === undefined || another !== undefined) return null
  return { id, pid: first.pid, startMark: first.startMark, word: first.terminal ?? `${first.pid}` }
}

function refused(status: number, why: string): Acted {
  return { status, body: { why } }
}
