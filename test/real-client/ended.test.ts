import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test"
import { type Client, openClient } from "./client.ts"
import { registered } from "./client-files.ts"
import { installClient } from "./install-client.ts"
import { openPlayground, type Playground } from "./playground.ts"

setDefaultTimeout(60_000)
const executable = await installClient("2.1.197")

describe.skipIf(!executable)("a client that has ended, 2.1.197", () => {
  let ground: Playground
  const id: Record<string, string> = {}

  beforeAll(async () => {
    const folders = ["killed-busy", "killed-idle", "killed-tool", "told-busy", "told-idle", "left"]
    ground = await openPlayground(executable ?? "", folders)
    const clients = await Promise.all(
      folders.map((folder) => openClient(ground, folder, "--allowedTools 'Bash(*)'")),
    )
    await Promise.all(clients.map((client, at) => client.chat(`good day ${folders[at]}`)))
    const [killedBusy, killedIdle, killedTool, toldBusy, toldIdle, left] = clients as Ended
    await Promise.all([
      killedBusy.ask("think on @@hang"),
      toldBusy.ask("think hard @@hang"),
      killedTool.ask('do it @@tool Bash {"command":"sleep 302"}'),
    ])
    await Promise.all([
      killedBusy.recorded("think on"),
      toldBusy.recorded("think hard"),
      killedTool.recorded("sleep 302"),
    ])
    clients.forEach((client, at) => {
      id[folders[at] ?? ""] = registered(ground.home, client.pid)?.sessionId ?? "none"
    })
    await left.command("/exit", () => left.terminal.screen().includes("Resume this session"))
    await left.gone()
    await Promise.all([toldBusy.kill("SIGTERM"), toldIdle.kill("SIGTERM")])
    await Promise.all([killedBusy, killedIdle, killedTool].map((client) => client.kill("SIGKILL")))
    expect(registered(ground.home, killedBusy.pid)).toBeDefined() // it died without saying goodbye
    expect(registered(ground.home, toldBusy.pid)).toBeUndefined()
  })
  afterAll(() => ground?.close())

  test.each([
    ["killed while the model was thinking", "killed-busy", "crashed mid-turn"],
    ["killed while a tool ran", "killed-tool", "crashed mid-turn"],
    ["killed while it waited for you", "killed-idle", "crashed"],
    ["told to end while the model was thinking", "told-busy", "ended mid-turn"],
    ["told to end while it waited for you", "told-idle", "closed"],
    ["left by /exit", "left", "closed"],
  ])("%s", async (_what, folder, detail) => {
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

type Ended = [Client, Client, Client, Client, Client, Client]
