import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync } from "node:fs"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { registered } from "../driving/client-files.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(180_000)

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
    busyWith: '@@tool Bash {"command":"tail -f /dev/null"}',
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
      await client.command("/context", () => client.terminal.screen().match(/Context [Uu]sage/))
      await client.recorded("/context")
      await leave(client)
    },
    detail: "closed",
  },
}

/** The folders of a way: on a machine that stands still the client may leave without its exit record, and is asked again. */
const foldersOf = (way: string) => [way, `${way}, again`, `${way}, a third time`]

/** Among the last lines: what is written in one breath may change places. */
function wroteExitRecord({ home }: ScratchHome, id: string | undefined, exitRecord: string | null): boolean {
  const found = [...new Bun.Glob(`projects/*/${id}.jsonl`).scanSync({ cwd: `${home}/.claude`, dot: true })]
  return found.some((path) => {
    const lines = readFileSync(`${home}/.claude/${path}`, "utf8").trimEnd().split("\n")
    return lines.slice(-3).some((line) => line.includes(`"type":"${exitRecord}"`))
  })
}

await eachClient("a client that has ended", withRegistry, (real) => {
  let scratch: ScratchHome
  const ended: Record<string, { id: string; folder: string }> = {}

  const open = async (way: string, folder: string) => {
    const busyWith = ways[way]?.busyWith
    const client = await openClient(scratch, folder, mayRun)
    await client.chat(`good day ${folder}`)
    if (busyWith) await client.ask(`${folder} ${busyWith}`)
    if (busyWith) await client.recorded(`${folder} @@`)
    ended[way] = { id: registered(scratch.home, client.pid)?.sessionId ?? "none", folder }
    return client
  }
  const end = async (client: Client, way: (client: Client) => Promise<void>) => {
    await way(client)
    await client.gone()
    expect(registered(scratch.home, client.pid) !== undefined).toBe(way === kill)
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, Object.keys(ways).flatMap(foldersOf))
    const clients = await Promise.all(
      Object.entries(ways).map(async ([name, way]) => ({ name, client: await open(name, name), way })),
    )
    // The killed ones last: a client that starts sweeps their registry files away.
    const isKilled = ({ way }: (typeof clients)[number]) => Number(way.end === kill)
    for (const { name, client, way } of clients.sort((a, b) => isKilled(a) - isKilled(b))) {
      await end(client, way.end)
      for (const folder of way.detail === "closed" ? foldersOf(name).slice(1) : []) {
        if (wroteExitRecord(scratch, ended[name]?.id, real.exitRecord)) break
        console.error(`the client wrote no exit record ("${name}"): once more`)
        await end(await open(name, folder), way.end)
      }
    }
    expect(wroteExitRecord(scratch, ended["killed while it waited for you"]?.id, real.exitRecord)).toBe(false)
  })
  afterAll(() => scratch?.close())

  test.each(Object.entries(ways))("%s", async (way, { detail }) => {
    const { id = "", folder = "" } = ended[way] ?? {}
    const entry = await scratch.entry({ id }, "--all")
    expect(entry).toMatchObject({
      state: "ORPHANED",
      detail,
      pid: null,
      tty: null,
      cwd: scratch.folder(folder),
    })
  })
})
