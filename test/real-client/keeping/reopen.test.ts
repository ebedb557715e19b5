/**
 * Five clients in tmux, and the power goes: `reopen` starts each again in a window of its own. Not in CI:
 * `npm run test:clients -- 2.1.332:native reopen`.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, openClient } from "../driving/client.ts"
import { type Registered, registered } from "../driving/client-files.ts"
import { runProduct } from "../harness/binary.ts"
import { eachClient } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { inBrief } from "../harness/selected.ts"

setDefaultTimeout(240_000)

const folders = ["one", "two", "three", "four", "five"]

await eachClient(
  "the power goes",
  ({ registry }) => registry && !inBrief, // ten starts of the client
  ({ executable }) => {
    let scratch: ScratchHome
    let sockets: string
    const ids: string[] = []
    const env = () => ({ ...scratch.env, TMUX_TMPDIR: sockets })
    const tmux = (...words: string[]) =>
      Bun.spawnSync(["tmux", "-f", "/dev/null", ...words], { env: env(), stdin: "ignore" }).stdout.toString()

    const screens = () =>
      tmux("list-windows", "-a", "-F", "#{window_id}")
        .trim()
        .split("\n")
        .map((window) => tmux("capture-pane", "-p", "-t", window).trim())

    beforeAll(async () => {
      scratch = await openScratchHome(executable, folders)
      sockets = join(scratch.root, "sockets")
      mkdirSync(sockets)
      // a window's shell is a login shell, for which /etc/profile sets PATH
      writeFileSync(join(scratch.home, ".profile"), `PATH='${join(scratch.root, "bin")}':$PATH\n`)
      const clients: Client[] = []
      for (const folder of folders) {
        const client = await openClient(scratch, folder)
        await client.chat(`remember the kettle ${folder}`)
        ids.push(registered(scratch.home, client.pid)?.sessionId ?? "")
        clients.push(client)
      }
      // all at once: none may see another's end
      for (const { pid } of clients) process.kill(pid, "SIGKILL")
      await Promise.all(clients.map((client) => client.gone()))
    })
    afterAll(async () => {
      tmux("kill-server")
      await scratch?.close()
    })

    test("all five are listed, and come back in tmux windows, each in its folder with its conversation", async () => {
      const product = (...args: string[]) =>
        runProduct([...args, "--json", "--data-dir", scratch.data], { env: env(), cwd: scratch.root })
      type Document = { sessions: { id: string; standing: string; outcome: string }[] }
      const listed = (await product("reopen", "--dry-run")).json<Document>().sessions
      expect(listed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
      expect(listed.map(({ standing }) => standing)).toEqual(Array(5).fill("certain"))

      tmux("new-session", "-d", "-x", "160", "-y", "50", "/bin/bash")
      const opened = (await product("reopen")).json<Document>().sessions
      expect(opened.map(({ outcome }) => outcome)).toEqual(Array(5).fill("window"))
      const running = await until("all five to run again", runningNow, {
        show: () => screens().join("\n---\n"),
        withinMs: 120_000,
      })
      expect(running.map(({ cwd }) => cwd).toSorted()).toEqual(folders.map(scratch.folder).toSorted())
      expect(screens()).toHaveLength(6)
      for (const folder of folders)
        await until(`the conversation of ${folder}`, () =>
          screens().some((screen) => screen.includes(`mock reply to remember the kettle ${folder}`)),
        )
      expect((await product("reopen", "--dry-run")).json<Document>().sessions).toEqual([])
    })

    /** What the clients themselves say; false until all of them do. */
    function runningNow(): readonly Registered[] | false {
      const folder = join(scratch.home, ".claude/sessions")
      if (!existsSync(folder)) return false
      const entries = readdirSync(folder)
        .filter((name) => /^\d+\.json$/.test(name) && isAlive(Number.parseInt(name, 10)))
        .flatMap((name): Registered[] => {
          try {
            return [JSON.parse(readFileSync(join(folder, name), "utf8")) as Registered]
          } catch {
            return [] // half written
          }
        })
      const mine = entries.filter(({ sessionId }) => ids.includes(sessionId))
      return mine.length === folders.length && mine
    }
  },
)
