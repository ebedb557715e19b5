import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Outcome, runProduct } from "../../real-client/harness/binary.ts"
import type { SessionEntry, StatusDocument } from "../../real-client/harness/contract.ts"
import { endAllOf } from "../../real-client/harness/processes.ts"
import { openTerminal, type Terminal } from "../../real-client/harness/terminal.ts"
import { privateTmux } from "../../real-client/harness/tmux.ts"

/** A throw-away home with one agent's program, and terminals in which it runs. */
export interface AgentHome {
  readonly root: string
  readonly home: string
  readonly data: string
  /** Of its programs and terminals. */
  readonly env: Readonly<Record<string, string>>
  folder(name: string): string
  terminal(name: string): Promise<Terminal>
  product(...args: string[]): Promise<Outcome>
  sessions(...args: string[]): Promise<readonly SessionEntry[]>
  close(): Promise<void>
}

/**
 * `files`: what stands in the home beforehand, by relative path; it may name the folders. A `PATH` among the variables is
 * searched before the machine's.
 */
export async function openAgentHome(
  executable: string,
  program: string,
  folders: readonly string[],
  files: (root: string) => Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>>,
): Promise<AgentHome> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "agent-")))
  const home = join(root, "home")
  const data = join(root, "data")
  const folder = (name: string) => join(root, "work", name)
  for (const path of [home, join(root, "bin"), ...folders.map(folder)]) mkdirSync(path, { recursive: true })
  for (const [path, text] of Object.entries(files(root))) {
    mkdirSync(join(home, path, ".."), { recursive: true })
    writeFileSync(join(home, path), text)
  }
  symlinkSync(executable, join(root, "bin", program))
  const { PATH: first, ...others } = variables
  const env = {
    PATH: [join(root, "bin"), ...(first ? [first] : []), process.env.PATH ?? "/usr/bin:/bin"].join(":"),
    ...{ HOME: home, TMPDIR: home, SHELL: "/bin/bash", LANG: "C.UTF-8", TERM: "xterm-256color" },
    ...{ PS1: "shell-ready> ", HISTFILE: "", SESSION_RESCUE_DATA: data },
    ...{ HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "127.0.0.1,localhost" }, // nothing is reached but loopback
    ...others,
  }
  const tmux = await privateTmux(root, env)
  const product = (...args: string[]) => runProduct(args, { env, cwd: root })
  return {
    root,
    home,
    data,
    env,
    folder,
    terminal: (name) => openTerminal(tmux, folder(name)),
    product,
    async sessions(...args) {
      return (await product("status", "--json", ...args)).json<StatusDocument>().sessions
    },
    async close() {
      await endAllOf(root)
      await tmux.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
