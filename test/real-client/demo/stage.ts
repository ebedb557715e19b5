/** Sessions of every kind, made by the real client, and the old ones of a month: what the recorded demo shows. */
import { mkdirSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { conversation, sessionId } from "../../fixtures/talk/conversation.ts"
import { backgroundIn, openBackground, tellSessions } from "../driving/background.ts"
import { asking, type Client, mayRun, openClient } from "../driving/client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

const folders = ["shop", "api", "docs", "parser", "infra", "web", "mobile", "batch", "me"]

const oldTitles = [
  "rename the settings page",
  "why is the build slow on Mondays",
  "add a dark theme",
  "split the invoice module",
  "upgrade the database driver",
  "explain the retry policy",
  "write tests for the importer",
  "draft the release notes",
]
const oldCount = 300
const hour = 3_600_000

export interface Demo {
  readonly scratch: ScratchHome
  readonly clients: Readonly<Record<string, Client>>
}

/** Eight live kinds and 300 old sessions. `executable`: the client's. */
export async function openDemo(executable: string): Promise<Demo> {
  const scratch = await openScratchHome(executable, folders)
  tellSessions(scratch)
  for (let number = 1; number <= oldCount; number++) writeOld(scratch, number)
  const open = async (folder: string, args: string, prompt: string) => {
    const client = await openClient(scratch, folder, args)
    await client.ask(prompt)
    return client
  }
  const api = await openClient(scratch, "api", asking)
  await api.chat("which endpoints lack a test?")
  const shop = await open("shop", asking, "fix the login page @@hang")
  await shop.recorded("fix the login page")
  const web = await open("web", asking, `clean the build folder @@tool Bash {"command":"rm -rf build"}`)
  await web.says("waiting")
  const infra = await open("infra", mayRun, `deploy to staging @@tool Bash {"command":"tail -f /dev/null"}`)
  await infra.runs("tail -f /dev/null")
  const parser = await open("parser", asking, "port the parser to the new grammar @@hang")
  await parser.recorded("port the parser")
  await parser.kill("SIGKILL")
  const docs = await open("docs", asking, "rewrite the install page @@hang")
  await docs.recorded("rewrite the install page")
  docs.terminal.keys("C-z")
  await docs.terminal.shows("Stopped")
  const mobile = await openClient(scratch, "mobile", asking)
  await mobile.chat("why does the app start twice?")
  await openBackground(scratch, "batch", "go through the open issues @@slow 500", "idle")
  await backgroundIn(scratch, scratch.folder("batch"), "idle")
  return { scratch, clients: { api, shop, web, infra, parser, docs, mobile } }
}

function writeOld(scratch: ScratchHome, number: number): void {
  const cwd = scratch.folder(folders[number % (folders.length - 1)] ?? "shop")
  const at = new Date(Date.now() - number * 2 * hour)
  const prompt = `${oldTitles[number % oldTitles.length]}`
  const id = sessionId(number)
  const path = join(scratch.home, ".claude/projects", cwd.replace(/[^A-Za-z0-9]/g, "-"), `${id}.jsonl`)
  mkdirSync(dirname(path), { recursive: true })
  const text = conversation({ id, cwd, at, prompt, ended: number !== 41 })
  writeFileSync(path, text)
  utimesSync(path, at, at)
}
