/** `reopen` in the compiled program: what was open, and tmux windows for it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

/** A session whose client is gone and has left its registry file behind. */
async function powerCut(number: number, age = 60_000): Promise<string> {
  const id = sessionId(number)
  machine.transcript(id, { cwd: machine.root, age })
  const client = await machine.client({
    cwd: machine.root,
    program: `c${number}/claude-code-linux-x64/claude`,
  })
  machine.registry(client, id, {
    cwd: machine.root,
    updatedAt: Date.now() - age,
    statusUpdatedAt: Date.now() - age,
  })
  await client.end()
  return id
}

const idsOf = (said: { json: { sessions: { id: string }[] } }) =>
  said.json.sessions.map(({ id }) => id).toSorted()

describe("reopen", () => {
  test("after a power cut with five clients, all five are listed, and a running one is not", async () => {
    const ids = await Promise.all([1, 2, 3, 4, 5].map((number) => powerCut(number)))
    const running = sessionId(6)
    machine.transcript(running, { cwd: machine.root })
    const client = await machine.client({ cwd: machine.root })
    machine.registry(client, running, { cwd: machine.root })
    const said = await machine.run(["reopen", "--dry-run", "--json"])
    expect([said.code, idsOf(said)]).toEqual([0, ids.toSorted()])
    expect(said.json.sessions.map(({ standing }: { standing: string }) => standing)).toEqual(
      Array(5).fill("certain"),
    )
  })

  test("without tmux the lines to paste are printed, one for each", async () => {
    const ids = await Promise.all([1, 2].map((number) => powerCut(number)))
    const said = await machine.run(["reopen"], { env: { TMUX_TMPDIR: machine.root } })
    expect(said.stdout).toContain("paste each line")
    for (const id of ids) expect(said.stdout).toContain(`--resume ${id}`)
  })

  test("nothing was left open", async () => {
    const said = await machine.run(["reopen"], { env: { TMUX_TMPDIR: machine.root } })
    expect([said.code, said.stdout]).toEqual([0, expect.stringContaining("Nothing was left open")])
  })

  test("--at lists what was open then", async () => {
    const now = await powerCut(1)
    await powerCut(2, 40 * 86_400_000)
    const said = await machine.run(["reopen", "--dry-run", "--json", "--at", "1m"])
    expect(idsOf(said)).toEqual([now])
  })

  test.skipIf(Bun.which("tmux") === null)("in tmux each gets a window with its own line typed", async () => {
    const ids = await Promise.all([1, 2].map((number) => powerCut(number)))
    const env = {
      HOME: machine.home,
      PATH: process.env.PATH ?? "",
      TMUX_TMPDIR: machine.root,
      SHELL: "/bin/sh",
    }
    const tmux = (...words: string[]) =>
      Bun.spawnSync(["tmux", "-f", "/dev/null", ...words], { env }).stdout.toString()
    const script = join(machine.root, "bin/claude")
    machine.write(script, "#!/bin/sh\necho started $@ >>$HOME/started\nsleep 60\n")
    Bun.spawnSync(["chmod", "+x", script])
    // a window's shell is a login shell
    machine.write(join(machine.home, ".profile"), `PATH='${join(machine.root, "bin")}':$PATH\n`)
    Bun.spawnSync(["tmux", "-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "50", "/bin/sh"], {
      env: { ...env, PATH: `${join(machine.root, "bin")}:${env.PATH}` },
    })
    try {
      const said = await machine.run(["reopen", "--json"], {
        env: { TMUX_TMPDIR: machine.root, SHELL: "/bin/sh" },
      })
      expect(said.json.sessions.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
        "window",
        "window",
      ])
      const started = Bun.file(join(machine.home, "started"))
      await until("both lines to run", async () => {
        const text = (await started.exists()) ? await started.text() : ""
        return ids.every((id) => text.includes(`--resume ${id}`))
      })
      expect(tmux("list-windows", "-a").trim().split("\n")).toHaveLength(3)
    } finally {
      tmux("kill-server")
    }
  })
})
