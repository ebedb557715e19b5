/** A session is named by what it is called, where no id, terminal, pid or path fits. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { idle, shellClient } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { startTick } from "../fixtures/processes.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { privateTmux, type Tmux } from "../real-client/harness/tmux.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const [one, two, three] = [sessionId(1), sessionId(2), sessionId(3)]

function titled(id: string, title: string, cwd = "/work/one", age = 60_000): string {
  const custom = `${JSON.stringify({ type: "custom-title", customTitle: title, sessionId: id })}\n`
  return machine.transcript(id, { cwd, age, text: conversation({ id, cwd, at: new Date() }) + custom })
}

/** What a name finds: ids, or the error's exit code and code. */
async function found(name: string, options: Parameters<Machine["run"]>[1] = {}) {
  const { code, json } = await machine.run(["resume", "--json", name], options)
  return code === 0 ? json.resumes.map((each: { id: string }) => each.id) : [code, json.error.code]
}

describe("a title", () => {
  beforeEach(() => {
    titled(one, "Mend the login page")
    titled(two, "Mend the logout page")
    titled(three, "login")
  })

  test.each([
    ["whole, in any case", "mend the LOGIN page", [one]],
    ["with other blanks", " mend  the login page ", [one]],
    ["whole, though others have it in them", "login", [three]],
    ["its beginning", "mend the login", [one]],
    ["its beginning, as status cuts it", "Mend the logi…", [one]],
    ["a piece of it", "logout", [two]],
  ])("%s", async (_, name, ids) => expect(await found(name)).toEqual(ids))

  test("that fits two is listed with the lines that choose, newest first, and nothing is done", async () => {
    const { code, stderr, stdout } = await machine.run(["export", "mend the"])
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toContain('"mend the" matches 2 sessions')
    expect(stderr).toContain(`  session-rescue export ${one.slice(0, 8)}   Mend the login page · ${one}`)
    expect(stderr).toContain(`  session-rescue export ${two.slice(0, 8)}   Mend the logout page · ${two}`)
  })

  test("is said to be what the name was taken for; an id is not", async () => {
    const { stderr, json } = await machine.run(["resume", "logout", "--json"])
    expect([stderr, json.warnings]).toEqual([
      "",
      [`"logout" resolved to ${two}: its title contains "Mend the logout page"`],
    ])
    expect((await machine.run(["resume", two.slice(0, 8), "--json"])).json.warnings).toEqual([])
  })

  test("of one or two letters counts whole only", async () => {
    expect(await found("me")).toEqual([3, "SESSION_NOT_FOUND"])
    titled(sessionId(4), "me")
    expect(await found("me")).toEqual([sessionId(4)])
  })

  test("gives way to the digits of an id", async () => {
    titled(sessionId(5), "a0000001")
    expect(await found("a0000001")).toEqual([one])
  })
})

describe("a folder", () => {
  const folder = (...names: string[]) => {
    const path = join(machine.root, ...names)
    mkdirSync(path, { recursive: true })
    return path
  }

  test.each([
    ["its path", (cwd: string) => cwd],
    ["with a slash behind", (cwd: string) => `${cwd}/`],
    ["its name", (cwd: string) => basename(cwd)],
    ["from beside it", (cwd: string) => `./${basename(cwd)}`],
    ["a piece of its path", () => "below"],
    ["a folder above it", (cwd: string) => dirname(cwd)],
  ])("%s", async (_, name) => {
    const cwd = folder("below", "shop")
    titled(one, "Mend it", cwd)
    titled(two, "Mend that", folder("elsewhere"))
    expect(await found(name(cwd), { cwd: dirname(cwd) })).toEqual([one])
  })

  test("the one we are in, its name from the home, and the end of a link", async () => {
    const cwd = join(machine.home, "shop")
    mkdirSync(cwd)
    titled(one, "Mend it", cwd)
    symlinkSync(cwd, join(machine.root, "link"))
    for (const name of [".", "~/shop", join(machine.root, "link")])
      expect([name, await found(name, { cwd })]).toEqual([name, [one]])
  })

  test("of two sessions is ambiguous; a file's path is no title", async () => {
    titled(one, "/work/two")
    titled(two, "Mend it", "/work/shop")
    titled(three, "Mend that", "/work/shop")
    expect(await found("/work/shop")).toEqual([2, "AMBIGUOUS"])
    expect(await found("/work/two")).toEqual([3, "SESSION_NOT_FOUND"])
  })
})

test("a transcript's name, a file of its folder, and a path through a link name the session", async () => {
  const path = titled(one, "Mend it")
  titled(two, "Mend that")
  const piece = machine.write(path.replace(/\.jsonl$/, "/tool-results/b.txt"), "x")
  for (const name of [basename(path), path, piece]) expect([name, await found(name)]).toEqual([name, [one]])
})

test("a name that its client gave it, also after a crash", async () => {
  const client = await machine.client()
  machine.registry(client, one, { name: "shop-2e" })
  machine.transcript(one)
  machine.transcript(two)
  expect(await found("shop-2e")).toEqual([one])
  await client.end()
  expect(await found("shop-2")).toEqual([one])
})

describe("a terminal's number", () => {
  const open = async () => {
    const client = shellClient(machine, idle, { terminal: {} })
    machine.registry(client, one)
    machine.transcript(one)
    const { json } = await machine.run(["status", "--json"])
    return (json.sessions[0].tty as string).replace("pts/", "")
  }

  test("names it, alone and after pts", async () => {
    const number = await open()
    for (const name of [number, `pts${number}`, `pts/${number}`, `/dev/pts/${number}`])
      expect([name, await found(name)]).toEqual([name, [one]])
  })
})

describe.skipIf(!Bun.which("tmux"))("a tmux pane", () => {
  let tmux: Tmux
  beforeEach(async () => {
    const program = machine.copy("/bin/bash", join(machine.root, "shell/claude-code-linux-x64/claude"))
    const script = machine.write(join(machine.root, "idle.sh"), `echo $$ > "$1"; ${idle}`)
    tmux = await privateTmux(machine.root, {
      HOME: machine.home,
      PATH: process.env.PATH ?? "",
      LANG: "C.UTF-8",
    })
    for (const [name, id] of [
      ["work", one],
      ["play", two],
    ] as const) {
      const file = join(machine.root, name)
      tmux.run("new-session", "-d", "-s", name, "-n", `${name}-window`, program, script, file)
      const pid = await until(`the client of ${name}`, async () =>
        (await Bun.file(file).exists()) ? Number(await Bun.file(file).text()) : 0,
      )
      machine.registry({ pid, procStart: startTick(pid) }, id)
      machine.transcript(id)
    }
  })
  afterEach(() => tmux.close())

  test("is asked of tmux: session, window and pane by number or name, or the pane's own", async () => {
    const pane = tmux.run("display-message", "-p", "-t", "=play:", "#{pane_id}")
    for (const name of ["work:0.0", "work:0", "work", "work:work-window.0"])
      expect([name, await found(name)]).toEqual([name, [one]])
    for (const name of ["play:0.0", pane]) expect([name, await found(name)]).toEqual([name, [two]])
    expect(await found("wor:0.0")).toEqual([3, "SESSION_NOT_FOUND"])
    expect(await found("work:1.0")).toEqual([3, "SESSION_NOT_FOUND"])
  })
})

test("what the client says of its pane names it without tmux", async () => {
  const client = await machine.client()
  machine.registry(client, one, { tmux: "work:@2.%5" })
  machine.transcript(one)
  machine.transcript(two)
  for (const name of ["work:@2.%5", "work:@2", "work"])
    expect([name, await found(name, { env: { PATH: "/nowhere" } })]).toEqual([name, [one]])
})

describe("one id in two places", () => {
  const both = (more: string) => {
    const text = conversation({ id: one, cwd: "/work/one", at: new Date() })
    const first = machine.transcript(one, { cwd: "/work/one", text })
    const second = machine.transcript(one, { cwd: "/work/two", text: text + more })
    return { first, second }
  }

  test("the one that begins with the other is taken, and it is said", async () => {
    const { first, second } = both('{"type":"user"}\n')
    const { json } = await machine.run(["export", one, "--json"])
    expect(await Bun.file(json.exports[0].manifest).json()).toMatchObject({ session: { transcript: second } })
    expect(json.warnings).toEqual([
      `${one} has 2 transcripts: using ${second}, which begins with the whole of ${first}`,
    ])
  })

  test("of two equal ones the newer", async () => {
    const { first, second } = both("")
    machine.write(first, await Bun.file(second).text())
    const { json } = await machine.run(["export", one, "--json"])
    expect(json.warnings[0]).toContain(`using ${first},`)
  })

  test("where they have diverged, by one byte, both are listed by their paths", async () => {
    const { first, second } = both('{"type":"user"}\n')
    const text = await Bun.file(first).text()
    writeFileSync(first, text.replace("It is mended", "It is mendet"))
    const { code, stderr } = await machine.run(["export", one])
    expect(code).toBe(2)
    for (const path of [first, second]) expect(stderr).toContain(`  session-rescue export '${path}'   `)
  })
})
