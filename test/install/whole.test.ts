/** From an empty home, on a PATH without Node and Bun, to a rescued session: the line people paste, word for word. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import manifest from "../../package.json"
import { binary } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { freshMachine } from "./machine.ts"
import { basics, makeRelease, only, publish, serve } from "./release.ts"

const { version } = manifest
const release = makeRelease({ version, names: ["linux-x64"], binary: () => readFileSync(binary) })
const path = only(...basics, "curl", "gzip", "sha256sum")
const machine = freshMachine()
const env = { HOME: machine.home, PATH: path, SHELL: "/bin/sh", SESSION_RESCUE_TARGET: "linux-x64" }
let server: ReturnType<typeof serve>

beforeAll(() => {
  server = serve(release)
  writeFileSync(join(release, "install.sh"), readFileSync(publish(server.url, version)))
})
afterAll(() => server.stop())

async function shell(line: string) {
  const child = Bun.spawn(["/bin/sh", "-c", line], { env, cwd: machine.home, stdout: "pipe", stderr: "pipe" })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, err }
}

test("curl | sh installs a binary that finds and saves a session; --uninstall leaves only the export", async () => {
  expect(await shell("command -v node || command -v bun || command -v npm")).toMatchObject({ out: "" })
  const installed = await shell(`curl -fsSL ${server.url}/install.sh | sh`)
  expect(installed).toMatchObject({ code: 0, err: "" })
  expect(installed.out).toEndWith("Next: $HOME/.local/bin/session-rescue --status\n")

  const id = sessionId(1)
  const folder = join(machine.home, ".claude/projects/-work-one")
  mkdirSync(folder, { recursive: true })
  const text = conversation({ id, cwd: "/work/one", at: new Date(), ended: false })
  writeFileSync(join(folder, `${id}.jsonl`), text)
  const found = JSON.parse((await shell("$HOME/.local/bin/session-rescue --status --json")).out)
  expect(found.sessions.map((session: { id: string }) => session.id)).toEqual([id])
  const saved = JSON.parse((await shell("$HOME/.local/bin/session-rescue --export --json")).out)
  expect(readFileSync(saved.exports[0].path, "utf8")).toBe(text)

  const gone = await shell(`curl -fsSL ${server.url}/install.sh | sh -s -- --uninstall`)
  expect(gone.code).toBe(0)
  expect(readdirSync(machine.home).toSorted()).toEqual([".claude", "PROJECTS"])
  expect(existsSync(saved.exports[0].path)).toBe(true)
})
