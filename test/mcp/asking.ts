/** The protocol's own client, asking the compiled binary. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { binary, type Machine } from "../fixtures/machine.ts"

interface Told {
  readonly isError: boolean
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
  readonly json: any
}

export interface Asking {
  readonly client: Client
  ask(tool: string, given?: Record<string, unknown>): Promise<Told>
  close(): Promise<void>
}

export async function openAsking(machine: Machine, cwd = machine.root): Promise<Asking> {
  const client = new Client({ name: "a-test", version: "1.0.0" })
  const env = { HOME: machine.home, PATH: process.env.PATH ?? "", SESSION_RESCUE_DATA: machine.data }
  await client.connect(
    new StdioClientTransport({ command: binary, args: ["mcp"], env, cwd, stderr: "ignore" }),
  )
  return {
    client,
    async ask(tool, given = {}) {
      const { content, isError } = await client.callTool({ name: tool, arguments: given })
      const [first] = content as { type: string; text: string }[]
      const text = first?.text ?? ""
      return {
        isError: isError === true,
        text,
        get json() {
          return JSON.parse(text)
        },
      }
    },
    close: () => client.close(),
  }
}
