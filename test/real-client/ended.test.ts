import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { type Client, openClient } from "./client.ts"
import { registered } from "./client-files.ts"
import { installClient } from "./install-client.ts"
import { openPlayground, type Playground } from "./playground.ts"

setDefaultTimeout(60_000)
const executable = await installClient("2.1.197")

const thinking = "@@hang"
const kill = (client: Client) => client.kill("SIGKILL")
const terminate = (client: Client) => client.kill("SIGTERM")
const closeWindow = async (client: Client) => client.terminal.close()
const leave = (client: Client) =>
  client.command("/exit", () => client.terminal.screen().includes("Resume this session"))

const ways: Record<string, { end: (client: Client) => Promise<void>; detail: string; busyWith?: string }> = {
  "killed while the model was thinking": { end: kill, detail: "crashed mid-turn", busyWith: thinking },
  "killed while a tool ran": {
    end: kill,
    detail: "crashed mid-turn",
    busyWith: '@@tool Bash {"command":"sleep 302"}',
  },
  "killed while it waited for you": { end: kill, detail: "crashed" },
  "told to end while the model was thinking": {
    end: terminate,
    detail: "ended mid-turn",
    busyWith: thinking,
  },
  "told to end while it waited for you": { end: terminate, detail: "closed" },
  "its window closed while the model was thinking": {
    end: closeWindow,
    detail: "ended mid-turn",
    busyWith: thinking,
  },
  "left by exit": { end: leave, detail: "closed" },
  "left after a command of the client by exit": {
    end: async (client) => {
      await client.command("/context", () => client.terminal.screen().includes("Context Usage"))
      await client.recorded("## Context Usage")
      await leave(client)
    },
    detail: "closed",
  },
}

describe.skipIf(!executable)("a client that has ended, 2.1.197", () => {
  let ground: Playground
  const id: Record<string, string> = {}

  beforeAll(async () => {
    ground = await openPlayground(executable ?? "", Object.keys(ways))
    const clients = await Promise.all(
      Object.entries(ways).map(async ([folder, way]) => {
        const client = await openClient(ground, folder, "--allowedTools 'Bash(*)'")
        await client.chat(`good day ${folder}`)
        if (way.busyWith) await client.ask(`${folder} ${way.busyWith}`)
        if (way.busyWith) await client.recorded(`${folder} @@`)
        id[folder] = registered(ground.home, client.pid)?.sessionId ?? "none"
        return { folder, client, end: way.end }
      }),
    )
    // The killed ones last: a client that starts sweeps their registry files away.
    for (const { client, end } of clients.sort((a, b) => Number(a.end === kill) - Number(b.end === kill))) {
      await end(client)
      await client.gone()
      expect(registered(ground.home, client.pid) !== undefined).toBe(end === kill)
    }
  })
  afterAll(() => ground?.close())

  test.each(Object.entries(ways))("%s", async (folder, { detail }) => {
    const entry = await ground.entry({ id: id[folder] ?? "" })
    expect(entry).toMatchObject({
      state: "ORPHANED",
      detail,
      pid: null,
      tty: null,
      cwd: ground.folder(folder),
    })
  })
})
