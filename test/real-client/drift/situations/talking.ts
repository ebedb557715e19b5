import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../../fixtures/until.ts"
import { mayRun } from "../../driving/client.ts"
import { registered, subagentFiles, transcriptsOf } from "../../driving/client-files.ts"
import type { Situation } from "./situations.ts"

const call = (name: string, input: object) => `@@tool ${name} ${JSON.stringify(input)}`
const withTools = `${mayRun} Read Edit Write`

/** What a conversation is made of. */
export const talking: readonly Situation[] = [
  {
    name: "a turn, tool calls, a file edited",
    folder: "talk",
    async drive(context, folder) {
      const file = join(context.scratch.folder(folder), "notes.txt")
      writeFileSync(file, "first line\n")
      const client = await context.open(folder, withTools)
      await client.chat("hello there")
      const edit = { file_path: file, old_string: "first", new_string: "1st" }
      await client.ask(`mend it ${call("Read", { file_path: file })} ${call("Edit", edit)}`)
      await client.recorded("mock reply to mend it")
      await client.ask(
        `count ${call("Bash", { command: "seq 30000", description: "d" })} ${call("Bash", { command: "cat /no/such", description: "d" })}`,
      )
      await client.recorded("mock reply to count")
      await context.settled(client)
      await context.look()
      await client.kill("SIGTERM")
    },
  },
  {
    name: "a subagent at work",
    folder: "subagent",
    async drive(context, folder) {
      const client = await context.open(folder, withTools)
      const dig = { description: "dig", prompt: "dig deep @@hang", subagent_type: "general-purpose" }
      await client.ask(`delegate it ${call(context.real.subagentTool, dig)}`)
      await until("its transcript", () => subagentFiles(context.scratch.home, client.cwd)[0], {
        show: client.terminal.screen,
      })
      await until("the subagent to ask", () => context.scratch.api.asked("dig deep"))
      await context.look()
      context.scratch.api.release()
      await client.recorded("mock reply to delegate it")
      const inBackground = readFileSync(client.transcript() ?? "", "utf8").includes('"async_launched"')
      if (inBackground) await client.recorded("<task-notification>")
      // being told of it is a turn of its own, and what it is told may hang again
      const idle = () => registered(context.scratch.home, client.pid)?.status === "idle"
      const isOver = () => context.scratch.api.release() ?? (!context.real.registry || idle())
      await until("it to be idle", isOver, { show: client.terminal.screen })
      await client.kill("SIGTERM")
    },
  },
  {
    name: "a prompt typed while it works",
    folder: "queued",
    async drive(context, folder) {
      const client = await context.open(folder)
      await client.ask("think about it @@hang")
      await client.terminal.line("and then about this")
      await context.look()
      await client.terminal.shows("and then about this")
      context.scratch.api.release()
      await until("the second prompt", () => context.scratch.api.asked("and then about this"), {
        show: client.terminal.screen,
      })
      await client.recorded("mock reply to and then about this")
      await client.kill("SIGTERM")
    },
  },
  {
    name: "/compact and /clear",
    folder: "cleared",
    async drive(context, folder) {
      const client = await context.open(folder)
      const files = () => transcriptsOf(context.scratch.home, client.cwd)
      await client.chat("good morning")
      await client.chat("and good appetite") // one exchange is not worth a summary
      await context.settled(client)
      await client.command(
        "/compact",
        () => client.transcript() !== undefined && client.terminal.screen().includes("ompacted"),
      )
      await client.recorded("compact_boundary")
      await context.settled(client)
      const id = () => registered(context.scratch.home, client.pid)?.sessionId
      const before = id()
      await client.command("/clear", () =>
        context.real.registry ? id() !== before : client.terminal.screen().includes("/clear"),
      )
      await client.chat("good afternoon")
      await until("a second transcript", () => files().length > 1)
      await client.kill("SIGTERM")
    },
  },
  {
    name: "/rename",
    folder: "renamed",
    suits: ({ registry }) => registry,
    async drive(context, folder) {
      const client = await context.open(folder)
      await client.chat("good day")
      await context.settled(client)
      await client.command(
        "/rename blue-kettle",
        () => registered(context.scratch.home, client.pid)?.name === "blue-kettle",
      )
      await context.look()
      await client.kill("SIGTERM")
    },
  },
]
