/** Clients that start things as the real one does (2.1.332), and what lives on of them. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { idle } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { descendantsOf, statOf } from "../fixtures/processes.ts"
import { until } from "../fixtures/until.ts"
import { client, isThere, type KnownClient } from "../kill/harness/clients.ts"

/** A machine whose orphans end with it: nobody would know afterwards whose they were. */
export class LeavingMachine extends Machine {
  readonly #orphans = new Set<number>()

  /** The pid that a process of a client has written down. */
  async pidOf(name: string): Promise<number> {
    const file = this.pidFile(name)
    const pid = await until(`${name} to run`, () => existsSync(file) && Number(readFileSync(file, "utf8")))
    this.#orphans.add(pid)
    return pid
  }

  pidFile(name: string): string {
    return join(this.root, `${name}.pid`)
  }

  override async dispose(): Promise<void> {
    const all = [...this.#orphans].flatMap((pid) => [pid, ...descendantsOf(pid)]) // while they are seen to be ours
    for (const pid of all) if (isThere(pid)) process.kill(pid, "SIGKILL")
    await super.dispose()
  }

  /** A client that has crashed, as soon as what its script starts runs. */
  async crashed(id: string, script: string, names: readonly string[]): Promise<readonly number[]> {
    const gone = await client(this, id, `${script}\n${idle}`)
    const pids = await Promise.all(names.map((name) => this.pidOf(name)))
    await crash(gone)
    for (const pid of pids)
      await until(`${pid} to be an orphan`, () => !isThere(pid) || statOf(pid)[1] !== String(gone.pid))
    return pids
  }

  /** Lines of a client's script, each of which starts one thing. */
  readonly starts = {
    /** An MCP server: it is spoken to through its input and output, and does not heed TERM when it is deaf. */
    server: (name: string, id: string, more = "") =>
      `coproc ${name} { exec env ${marks(id, false)} bash -c '${more} echo $$ > "${this.pidFile(name)}"; exec sleep 301'; } 2>/dev/null`,
    /** A hook, which reads what it is told from its input. */
    hook: (name: string, id: string) =>
      `coproc ${name} { exec env ${marks(id)} setsid /bin/sh -c 'echo $$ > "${this.pidFile(name)}"; sleep 302; :'; } 2>/dev/null`,
    /** The shell of a tool call, and what it runs. */
    tool: (name: string, id: string | null, run = "sleep 303") =>
      `env ${id === null ? "CLAUDECODE=1" : marks(id)} setsid bash -c 'source "${this.claude}/shell-snapshots/snapshot-bash-1-x.sh" 2>/dev/null; echo $$ > "${this.pidFile(name)}"; ${run}; :' < /dev/null > /dev/null 2>&1 &`,
    /** What a tool has started in the background, and left to itself. */
    detached: (name: string, id: string, run = "exec sleep 304") =>
      `(env ${marks(id)} setsid bash -c 'echo $$ > "${this.pidFile(name)}"; ${run}' < /dev/null > /dev/null 2>&1 &)`,
  }
}

export const ignoresTerm = 'trap "" TERM;'

/** `child`: tools and hooks know their client's pid; servers know it by the name of its socket. */
function marks(id: string, child = true): string {
  const more = child
    ? "CLAUDE_CODE_CHILD_SESSION=1 CLAUDE_PID=$$"
    : "CLAUDE_CODE_MESSAGING_SOCKET=/tmp/cc-socks/$$.sock"
  return `CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=${id} ${more}`
}

async function crash(client: KnownClient): Promise<void> {
  process.kill(client.pid, "SIGKILL") // it alone: what it has started goes on
  await client.exited
}

export interface Listed {
  readonly pid: number
  readonly kind: string
  readonly standing: string
  readonly but: string | null
  readonly why: string
  readonly outcome: string
  readonly reason: string | null
  readonly session: string | null
  readonly below: readonly { readonly pid: number; readonly command: string }[]
}

/** What `reap --dry-run` lists, by pid. */
export async function listed(
  machine: Machine,
  options: Parameters<Machine["run"]>[1] = {},
): Promise<ReadonlyMap<number, Listed>> {
  const { json } = await machine.run(["reap", "--dry-run", "--json"], options)
  return new Map((json.leftovers as Listed[]).map((each) => [each.pid, each]))
}
