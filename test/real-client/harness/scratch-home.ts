import { mkdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { type MockApi, startMockApi } from "../mock/mock-api.ts"
import { type Outcome, runProduct } from "./binary.ts"
import type { SessionEntry, StatusDocument } from "./contract.ts"
import { throwAwayEnvironment } from "./environment.ts"
import { endAllOf } from "./processes.ts"
import { seedHome } from "./seeded-home.ts"
import { openTerminal, type Terminal } from "./terminal.ts"
import { privateTmux } from "./tmux.ts"

/** A throw-away home, a loopback API, and terminals in which clients run: each test file opens one. */
export interface ScratchHome {
  root: string
  home: string
  /** Where exports go. */
  data: string
  env: Record<string, string>
  api: MockApi
  /** One of the folders the client trusts. */
  folder(name: string): string
  /** A shell in that folder: bash, unless another is named. */
  terminal(name: string, shell?: string[]): Promise<Terminal>
  product(...args: string[]): Promise<Outcome>
  status(...args: string[]): Promise<StatusDocument>
  /** What `status --json` says of the one session with that pid or id. */
  entry(who: { pid: number } | { id: string }, ...args: string[]): Promise<SessionEntry>
  close(): Promise<void>
}

/** `executable` is what "claude" means there; `more` are variables for everything that is started. */
export async function openScratchHome(
  executable: string,
  folders: string[],
  more: Readonly<Record<string, string>> = {},
): Promise<ScratchHome> {
  const { root, home } = seedHome(folders)
  const api = startMockApi()
  const env = { ...throwAwayEnvironment({ home, bin: join(root, "bin"), apiUrl: api.url }), ...more }
  mkdirSync(join(root, "bin"))
  symlinkSync(executable, join(root, "bin/claude"))
  const tmux = await privateTmux(root, env)
  const folder = (name: string) => join(root, "work", name)
  const scratch: ScratchHome = {
    root,
    home,
    data: join(root, "data"),
    env,
    api,
    folder,
    terminal: (name, shell) => openTerminal(tmux, folder(name), shell),
    product: (...args) => runProduct(args, { env, cwd: root }),
    async status(...args) {
      const outcome = await scratch.product("status", "--json", "--data-dir", scratch.data, ...args)
      return outcome.json<StatusDocument>()
    },
    async entry(who, ...args) {
      const { sessions } = await scratch.status(...args)
      const found = sessions.filter((entry) => ("pid" in who ? entry.pid === who.pid : entry.id === who.id))
      const [only] = found
      if (!only || found.length > 1) {
        const seen = sessions.map(({ pid, id, state, detail, cwd }) =>
          [pid, id, state, detail, cwd].join(" "),
        )
        throw new Error(
          `${found.length} entries of ${"pid" in who ? who.pid : who.id} among\n${seen.join("\n")}`,
        )
      }
      return only
    },
    async close() {
      await endAllOf(root) // while they still descend from this process
      await tmux.close()
      api.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
  return scratch
}
