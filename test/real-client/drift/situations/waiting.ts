import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../../fixtures/until.ts"
import { asking, mayRun } from "../../driving/client.ts"
import { mcpServer } from "../../mock/mcp-server.ts"
import type { Situation } from "./situations.ts"

const endless = "tail -f /dev/null"
const bash = (input: object) => `@@tool Bash ${JSON.stringify({ description: "d", ...input })}`
const shellWithin = (seconds: number) => [
  "env",
  `API_TIMEOUT_MS=${seconds * 1000}`,
  "bash",
  "--norc",
  "--noprofile",
]

/** What a client waits for: a person, the model, or a program. */
export const waiting: readonly Situation[] = [
  {
    name: "a question for permission",
    folder: "permission",
    async drive(context, folder) {
      const client = await context.open(folder, asking)
      await client.ask(`may you ${bash({ command: "touch x" })}`)
      await client.terminal.shows("Do you want to proceed?")
      if (context.real.registry) await client.says("waiting")
      await context.look()
      await client.kill("SIGTERM")
    },
  },
  {
    name: "a tool that runs long, interrupted",
    folder: "tool",
    async drive(context, folder) {
      const client = await context.open(folder, mayRun)
      await client.ask(`do it yourself ${bash({ command: endless })}`)
      await client.runs(endless)
      await context.look()
      client.terminal.keys("Escape")
      await client.recorded("[Request interrupted by user")
      await client.kill("SIGTERM")
    },
  },
  {
    name: "a command in the background",
    folder: "command",
    async drive(context, folder) {
      const client = await context.open(folder, mayRun)
      await client.ask(`serve it ${bash({ command: `${endless} | grep never`, run_in_background: true })}`)
      await client.recorded("mock reply to serve it")
      if (context.real.registry) await client.says("shell")
      await context.look()
      await client.kill("SIGTERM")
    },
  },
  {
    name: "a request without an answer, sent again",
    folder: "silent",
    async drive(context, folder) {
      const client = await context.open(folder, "", shellWithin(6))
      await client.ask("are you there @@hang")
      const records = () =>
        readFileSync(client.transcript() ?? "/dev/null", "utf8").split('"type":"api-request"').length - 1
      const again = () =>
        context.real.retryRecords ? records() > 1 : /retrying/i.test(client.terminal.screen())
      await until("the request to be sent again", again, { withinMs: 60_000, show: client.terminal.screen })
      await context.look()
      await client.kill("SIGTERM")
    },
  },
  {
    name: "a hook at work",
    folder: "hook",
    async drive(context, folder) {
      const settings = { hooks: { UserPromptSubmit: [{ hooks: [{ type: "command", command: endless }] }] } }
      mkdirSync(join(context.scratch.folder(folder), ".claude"), { recursive: true })
      writeFileSync(join(context.scratch.folder(folder), ".claude/settings.json"), JSON.stringify(settings))
      const client = await context.open(folder)
      await client.terminal.line("wait for the hook")
      await client.runs(endless)
      await context.look()
      await client.kill("SIGTERM")
    },
  },
  {
    name: "an MCP server beside it",
    folder: "mcp",
    async drive(context, folder) {
      const at = (name: string) => join(context.scratch.folder(folder), name)
      writeFileSync(at("server.js"), mcpServer)
      writeFileSync(
        at("mcp.json"),
        JSON.stringify({ mcpServers: { m: { command: "node", args: ["server.js"] } } }),
      )
      const client = await context.open(folder, "--mcp-config mcp.json")
      await client.chat("good noon")
      await context.settled(client)
      await context.look()
      await client.kill("SIGTERM")
    },
  },
]
