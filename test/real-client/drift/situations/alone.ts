import { existsSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../../fixtures/until.ts"
import type { Client } from "../../driving/client.ts"
import { transcriptsOf } from "../../driving/client-files.ts"
import type { SituationContext } from "./context.ts"
import type { Situation } from "./situations.ts"

/** Whether its registry file outlives it. */
function noteRegistry({ scratch, real, collector }: SituationContext, client: Client, end: string): void {
  const isLeft = existsSync(join(scratch.home, ".claude/sessions", `${client.pid}.json`))
  if (real.registry) collector.add("registry", `its file, after ${end}`, [isLeft ? "left behind" : "removed"])
}

/** How clients come and go. */
export const alone: readonly Situation[] = [
  {
    name: "opened, and not spoken to",
    folder: "unspoken",
    async drive(context, folder) {
      const client = await context.open(folder)
      await context.settled(client)
      await context.look()
      await client.kill("SIGTERM")
      noteRegistry(context, client, "SIGTERM")
    },
  },
  {
    name: "killed",
    folder: "killed",
    async drive(context, folder) {
      const client = await context.open(folder)
      await client.chat("good evening")
      await context.settled(client)
      await client.kill("SIGKILL")
      noteRegistry(context, client, "SIGKILL")
      await context.look()
    },
  },
  {
    name: "left by /exit, and resumed",
    folder: "left",
    async drive(context, folder) {
      const client = await context.open(folder)
      await client.chat("good night")
      await context.settled(client)
      const id = (transcriptsOf(context.scratch.home, client.cwd)[0] ?? "").slice(-42, -6)
      await client.command("/exit", () => !existsSync(`/proc/${client.pid}`))
      noteRegistry(context, client, "/exit")
      const again = await context.open(folder, `--resume ${id}`)
      await again.terminal.shows("mock reply to good night")
      await context.look()
      await again.kill("SIGTERM")
    },
  },
  {
    name: "headless (-p)",
    folder: "headless",
    async drive({ scratch, look }, folder) {
      const terminal = await scratch.terminal(folder)
      await terminal.line("claude -p 'sum it up @@hang'; echo e''nd")
      await until("its question", () => scratch.api.asked("sum it up"), { show: terminal.screen })
      await look()
      scratch.api.release()
      await terminal.shows(/^end$/m)
    },
  },
]
