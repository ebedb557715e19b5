import { type Asked, Tickets } from "../../operations/serve/tickets.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { laterLook } from "../../pipeline/fresh-context.ts"
import { runAgain } from "../../system/process/self-path.ts"
import type { Environment } from "../framework/environment.ts"

interface Acted {
  readonly status: number
  readonly body: unknown
}

/** One process, from one start of it on. */
interface KillTarget extends Asked {
  readonly id: string
  readonly pid: number
  readonly startMark: string
}

interface RestoreTarget extends Asked {
  readonly id: string
}

/** Commands that run at once. */
const maxRunning = 3

/** What the page may ask to be done; each is a command of this program, so that no check of it can be missing. */
export class PageActions {
  readonly #environment: Environment
  readonly #kills = new Tickets<KillTarget>()
  readonly #restores = new Tickets<RestoreTarget>()
  #running = 0

  constructor(environment: Environment) {
    this.#environment = environment
  }

  async act(asked: Readonly<Record<string, unknown>>): Promise<Acted> {
    const { action, id, ticket, typed } = asked
    // safety: no-flag
    if (typeof id !== "string" || !/^[0-9A-Za-z][0-9A-Za-z_-]{3,79}$/.test(id))
      return refused(400, "no session named")
    switch (action) {
      case "export":
        return this.#run(["export", id])
      case "restore-ask":
        return this.#askToRestore(id)
      case "kill-ask":
        return this.#askToKill(id)
      case "restore":
      case "kill":
        if (typeof ticket !== "string" || typeof typed !== "string")
          return refused(400, "no answer to the question")
        return action === "kill" ? this.#kill(id, ticket, typed) : this.#restore(id, ticket, typed)
      default:
        return refused(400, "unknown action")
    }
  }

  /** What a restore would write. */
  async #askToRestore(id: string): Promise<Acted> {
    const { status, body } = await this.#run(["restore", id, "--dry-run"])
    const target = { id, word: "" }
    return status === 200 ? asking(body, target, this.#restores.issue(target)) : { status, body }
  }

  async #restore(id: string, ticket: string, typed: string): Promise<Acted> {
    const target = this.#restores.redeem(ticket, typed)
    // safety: dry-run-first
    if (target === null || target.id !== id) return refused(409, "not confirmed in time: look first, again")
    return this.#run(["restore", id])
  }

  /** What a kill would do, and what has to be typed to do it. */
  async #askToKill(id: string): Promise<Acted> {
    const target = await findLive(id, this.#environment)
    if (target === null) return refused(409, "it is not running, or not one session")
    const { status, body } = await this.#run(["kill", `${target.pid}`, "--dry-run"])
    return status === 200 ? asking(body, target, this.#kills.issue(target)) : { status, body }
  }

  async #kill(id: string, ticket: string, typed: string): Promise<Acted> {
    const target = this.#kills.redeem(ticket, typed)
    if (target === null || target.id !== id) return refused(409, "not confirmed: ask again and type the name")
    const now = await findLive(id, this.#environment)
    // safety: page-same-process
    if (now === null || now.pid !== target.pid || now.startMark !== target.startMark)
      return refused(409, "another process runs it now, or none: ask again")
    return this.#run(["kill", `${now.pid}`, "--force"])
  }

  /** What the command says to a person. */
  async #run(args: readonly string[]): Promise<Acted> {
    if (this.#running >= maxRunning) return refused(409, "others are being done: try again when they are")
    this.#running++
    try {
      const { code, stdout, stderr } = await runAgain([...args, "--data-dir", this.#environment.paths.data])
      const says = `${stdout}${stderr}`.trim()
      return { status: code === 0 ? 200 : 409, body: { code, says } }
    } finally {
      this.#running--
    }
  }
}

function asking(body: unknown, { word }: Asked, ticket: string): Acted {
  return { status: 200, body: { ...(body as object), word, ticket } }
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
