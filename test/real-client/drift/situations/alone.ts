import { existsSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../../fixtures/until.ts"
import type { Client } from "../../driving/client.ts"
import { transcriptsOf } from "../../driving/client-files.ts"
import type { Situation } from "./situations.ts"
import type { Stage } from "./stage.ts"

/** Whether its registry file outlives it. */
function noteRegistry({ ground, real, gathering }: Stage, client: Client, end: string): void {
  const isLeft = existsSync(join(ground.home, ".claude/sessions", `${client.pid}.json`))
  if (real.registry) gathering.add("registry", `its file, after ${end}`, [isLeft ? "left behind" : "removed"])
}

/** How clients come and go. */
export const alone: readonly Situation[] = [
  {
    name: "opened, and not spoken to",
    folder: "unspoken",
    async drive(stage, folder) {
      const client = await stage.open(folder)
      await stage.settled(client)
      await stage.look()
      await client.kill("SIGTERM")
      noteRegistry(stage, client, "SIGTERM")
    },
  },
  {
    name: "killed",
    folder: "killed",
    async drive(stage, folder) {
      const client = await stage.open(folder)
      await client.chat("good evening")
      await stage.settled(client)
      await client.kill("SIGKILL")
      noteRegistry(stage, client, "SIGKILL")
      await stage.look()
    },
  },
  {
    name: "left by /exit, and resumed",
    folder: "left",
    async drive(stage, folder) {
      const client = await stage.open(folder)
      await client.chat("good night")
      await stage.settled(client)
      const id = (transcriptsOf(stage.ground.home, client.cwd)[0] ?? "").slice(-42, -6)
      await client.command("/exit", () => !existsSync(`/proc/${client.pid}`))
      noteRegistry(stage, client, "/exit")
      const again = await stage.open(folder, `--resume ${id}`)
      await again.terminal.shows("mock reply to good night")
      await stage.look()
      await again.kill("SIGTERM")
    },
  },
  {
    name: "headless (-p)",
    folder: "headless",
    async drive({ ground, look }, folder) {
      const terminal = await ground.terminal(folder)
      await terminal.line("claude -p 'sum it up @@hang'; echo e''nd")
      await until("its question", () => ground.api.asked("sum it up"), { show: terminal.screen })
      await look()
      ground.api.release()
      await terminal.shows(/^end$/m)
    },
  },
]
