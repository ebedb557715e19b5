import { existsSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"

/** tmux on a server of its own: its socket lies in the throw-away folder, no user's configuration is read. */
export interface Tmux {
  run(...args: string[]): string
  close(): Promise<void>
}

/** The server is a child of this process (-D), and so is by descent all that runs in its terminals. */
export async function privateTmux(root: string, env: Record<string, string>): Promise<Tmux> {
  const socket = join(root, "tmux")
  const tmux = ["tmux", "-S", socket, "-f", "/dev/null"]
  const server = Bun.spawn([...tmux, "-D"], { env, stdin: "ignore", stdout: "ignore", stderr: "ignore" })
  await until("the tmux server", () => existsSync(socket))
  return {
    run(...args) {
      const { exitCode, stdout, stderr } = Bun.spawnSync([...tmux, ...args], { env })
      if (exitCode !== 0) throw new Error(`tmux ${args.join(" ")}: ${stderr}`)
      return stdout.toString().trimEnd()
    },
    async close() {
      server.kill()
      await server.exited
    },
  }
}
