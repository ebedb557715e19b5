/** `reopen` in the compiled program: what was open, and tmux windows for it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { assistant, conversation, record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

/** A session whose client is gone and has left its registry file behind. */
async function powerCut(number: number, age = 60_000, cwd = machine.root, prompt = "go"): Promise<string> {
  const id = sessionId(number)
  const at = new Date(Date.now() - age)
  machine.transcript(id, { cwd, age, text: conversation({ id, cwd, at, prompt }) })
  const client = await machine.client({ cwd, program: `c${number}/claude-code-linux-x64/claude` })
  machine.registry(client, id, {
    cwd,
    updatedAt: Date.now() - age,
    statusUpdatedAt: Date.now() - age,
  })
  await client.end()
  return id
}

/** A turn that was cut off. */
function openTurn(id: string): string {
  const talk = { id, cwd: machine.root, at: new Date(Date.now() - 60_000) }
  return [
    record(talk, 0, user("first")),
    record(talk, 1, assistant("yes")),
    record(talk, 2, user("go on")),
  ].join("")
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

  test("what the watcher saw run before it was cut off is certain, also after the next watcher has started", async () => {
    const id = sessionId(3)
    const path = machine.transcript(id, { cwd: machine.root, text: openTurn(id) })
    const seen = { id, agent: "claude-code" }
    const about = {
      project: null,
      tokens: null,
      percent: null,
      window: null,
      compactsAt: null,
      saved: "no",
      reasons: [],
    }
    const state = {
      version: 1,
      ...{
        lastLookAt: Date.now() - 30_000,
        nextLookAt: null,
        lastFullLookAt: null,
        awakeSince: null,
        changes: 1,
      },
      ...{ notes: {}, lastExport: null, told: [], errors: [] },
      runner: { pid: 999_999, startMark: "1", version: "0", startedAt: 1 },
      sessions: [{ key: path, ...seen, pid: 999_998, state: "ACTIVE", detail: "working", ...about }],
    }
    const file = machine.write(join(machine.data, "watch/state.json"), JSON.stringify(state))
    const before = await machine.run(["reopen", "--dry-run", "--json"])
    expect(before.json.sessions).toMatchObject([{ id, standing: "certain", beforeBoot: false }])
    const next = { ...state, runner: null, sessions: [], cutOff: { at: state.lastLookAt, sessions: [seen] } }
    machine.write(file, JSON.stringify(next))
    const after = await machine.run(["reopen", "--dry-run", "--json"])
    expect(after.json.sessions).toMatchObject([{ id, standing: "certain" }])
    machine.write(file, JSON.stringify({ ...next, cutOff: null }))
    const without = await machine.run(["reopen", "--dry-run", "--json"])
    expect(without.json.sessions).toMatchObject([{ id, standing: "likely" }])
  })

  test("a prompt that only history.jsonl has was its last sign of life", async () => {
    const id = await powerCut(1, 3_600_000)
    const timestamp = Date.now() - 120_000
    const entry = { display: "and now", timestamp, project: machine.root, sessionId: id }
    machine.write(join(machine.claude, "history.jsonl"), `${JSON.stringify(entry)}\n`)
    const said = await machine.run(["reopen", "--dry-run", "--json"])
    expect(said.json.sessions).toMatchObject([{ id, lastAlive: new Date(timestamp).toISOString() }])
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

  test.skipIf(Bun.which("tmux") === null)(
    "what tmux would read as a format or a command, in a title or a folder, is text to it",
    async () => {
      const cwd = join(machine.root, "c#S")
      await powerCut(1, 60_000, cwd, "#{session_id}#(touch x)")
      const env = { HOME: machine.home, PATH: process.env.PATH ?? "", TMUX_TMPDIR: machine.root }
      const tmux = (...words: string[]) =>
        Bun.spawnSync(["tmux", "-f", "/dev/null", ...words], { env, cwd: machine.root }).stdout.toString()
      tmux("new-session", "-d", "/bin/sh")
      try {
        const { json } = await machine.run(["reopen", "--json"], { env: { TMUX_TMPDIR: machine.root } })
        expect(json.sessions).toMatchObject([{ outcome: "window" }])
        const pane = json.sessions[0].where
        const shown = ["#{window_name}", "#{pane_start_path}"].map((format) =>
          tmux("display-message", "-p", "-t", pane, format).trim(),
        )
        expect(shown).toEqual(["{session_id}(touch", cwd])
      } finally {
        tmux("kill-server")
      }
    },
  )

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
      const started = join(machine.home, "started")
      await until(
        "both lines to run",
        () => {
          const text = existsSync(started) ? readFileSync(started, "utf8") : ""
          return ids.every((id) => text.includes(`--resume ${id}`))
        },
        {
          show: () =>
            ["%0", "%1", "%2"].map((pane) => tmux("capture-pane", "-p", "-t", pane).trim()).join("\n---\n"),
        },
      )
      expect(tmux("list-windows", "-a").trim().split("\n")).toHaveLength(3)
    } finally {
      tmux("kill-server")
    }
  })
})
