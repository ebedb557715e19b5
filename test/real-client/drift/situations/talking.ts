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
    async drive(stage, folder) {
      const file = join(stage.ground.folder(folder), "notes.txt")
      writeFileSync(file, "first line\n")
      const client = await stage.open(folder, withTools)
      await client.chat("hello there")
      const edit = { file_path: file, old_string: "first", new_string: "1st" }
      await client.ask(`mend it ${call("Read", { file_path: file })} ${call("Edit", edit)}`)
      await client.recorded("mock reply to mend it")
      await client.ask(
        `count ${call("Bash", { command: "seq 30000", description: "d" })} ${call("Bash", { command: "cat /no/such", description: "d" })}`,
      )
      await client.recorded("mock reply to count")
      await stage.settled(client)
      await stage.look()
      await client.kill("SIGTERM")
    },
  },
  {
    name: "a subagent at work",
    folder: "subagent",
    async drive(stage, folder) {
      const client = await stage.open(folder, withTools)
      const dig = { description: "dig", prompt: "dig deep @@hang", subagent_type: "general-purpose" }
      await client.ask(`delegate it ${call(stage.real.subagentTool, dig)}`)
      await until("its transcript", () => subagentFiles(stage.ground.home, client.cwd)[0], {
        show: client.terminal.screen,
      })
      await until("the subagent to ask", () => stage.ground.api.asked("dig deep"))
      await stage.look()
      stage.ground.api.release()
      await client.recorded("mock reply to delegate it")
      const inBackground = readFileSync(client.transcript() ?? "", "utf8").includes('"async_launched"')
      if (inBackground) await client.recorded("<task-notification>")
      // being told of it is a turn of its own, and what it is told may hang again
      const idle = () => registered(stage.ground.home, client.pid)?.status === "idle"
      const isOver = () => stage.ground.api.release() ?? (!stage.real.registry || idle())
      await until("it to be idle", isOver, { show: client.terminal.screen })
      await client.kill("SIGTERM")
    },
  },
  {
    name: "a prompt typed while it works",
    folder: "queued",
    async drive(stage, folder) {
      const client = await stage.open(folder)
      await client.ask("think about it @@hang")
      await client.terminal.line("and then about this")
      await stage.look()
      await client.terminal.shows("and then about this")
      stage.ground.api.release()
      await until("the second prompt", () => stage.ground.api.asked("and then about this"), {
        show: client.terminal.screen,
      })
      await client.recorded("mock reply to and then about this")
      await client.kill("SIGTERM")
    },
  },
  {
    name: "/compact and /clear",
    folder: "cleared",
    async drive(stage, folder) {
      const client = await stage.open(folder)
      const files = () => transcriptsOf(stage.ground.home, client.cwd)
      await client.chat("good morning")
      await client.chat("and good appetite") // one exchange is not worth a summary
      await stage.settled(client)
      await client.command(
        "/compact",
        () => client.transcript() !== undefined && client.terminal.screen().includes("ompacted"),
      )
      await client.recorded("compact_boundary")
      await stage.settled(client)
      const id = () => registered(stage.ground.home, client.pid)?.sessionId
      const before = id()
      await client.command("/clear", () =>
        stage.real.registry ? id() !== before : client.terminal.screen().includes("/clear"),
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
    async drive(stage, folder) {
      const client = await stage.open(folder)
      await client.chat("good day")
      await stage.settled(client)
      await client.command(
        "/rename blue-kettle",
        () => registered(stage.ground.home, client.pid)?.name === "blue-kettle",
      )
      await stage.look()
      await client.kill("SIGTERM")
    },
  },
]
