import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { binary, Machine, tree } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
let program: string
beforeEach(() => {
  machine = new Machine()
  program = machine.copy(binary, join(machine.home, ".local/bin/session-rescue"))
})
afterEach(() => machine.dispose())

function run(...args: string[]) {
  const env = { HOME: machine.home, PATH: "/usr/bin:/bin", SESSION_RESCUE_DATA: machine.data }
  const done = Bun.spawnSync([program, ...args], { env, cwd: machine.root, stdin: "ignore" })
  return { code: done.exitCode, out: done.stdout.toString(), err: done.stderr.toString() }
}
const foldersBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : [],
  )
const pending = () => join(machine.data, "sessions-export-pending-anthropic")
const marked = (before: string) =>
  `${before}# >>> session-rescue >>>\nexport PATH="x"\n# <<< session-rescue <<<\nalias x=y\n`

describe("uninstall", () => {
  test("leaves nothing but the exports", async () => {
    machine.write(join(machine.home, ".bashrc"), marked("# mine\n"))
    machine.write(join(machine.claude, "settings.json"), '{"model":"opus"}')
    machine.transcript(sessionId(1))
    const client = tree(machine.claude)
    run("setup", "--commands", "--hooks")
    run("export", "--all")
    machine.write(join(machine.data, "hook.log"), "x\n")
    const saved = tree(pending())

    const { code, out } = run("uninstall")
    expect(code).toBe(0)
    expect(out).toEndWith("Next: nothing; it is uninstalled\n")
    expect(existsSync(program)).toBe(false)
    expect(readFileSync(join(machine.home, ".bashrc"), "utf8")).toBe("# mine\nalias x=y\n")
    expect(Object.keys(tree(machine.claude))).toEqual(Object.keys(client))
    expect(readFileSync(join(machine.claude, "settings.json"), "utf8")).toBe('{"model":"opus"}')
    expect(tree(pending())).toEqual(saved)
    expect(readdirSync(machine.data)).toEqual(["sessions-export-pending-anthropic"])
  })

  test("leaves no empty file or folder that install.sh, setup and other commands have made", () => {
    const before = tree(machine.home)
    const made = marked("")
      .replace("export", "# install.sh made this file\nexport")
      .replace("alias x=y\n", "")
    machine.write(join(machine.home, ".bashrc"), made)
    machine.write(join(machine.home, ".config/fish/config.fish"), made)
    mkdirSync(pending(), { recursive: true })
    machine.transcript(sessionId(1))
    expect(run("setup", "--commands", "--hooks", "--completions").code).toBe(0)
    mkdirSync(join(machine.home, ".config/session-rescue/plugins"), { recursive: true })
    expect(run("uninstall").code).toBe(0)
    rmSync(join(machine.claude, "projects"), { recursive: true })
    expect(foldersBelow(machine.home)).toEqual([".claude"])
    const kept = Object.keys(before).filter((path) => !path.startsWith(".local"))
    expect(Object.keys(tree(machine.home))).toEqual(kept)
    expect(existsSync(machine.data)).toBe(false)
  })

  test("a start-up file that install.sh has made stays once somebody has written to it", () => {
    const path = join(machine.home, ".bashrc")
    machine.write(path, marked("").replace("export", "# install.sh made this file\nexport"))
    expect(run("uninstall").code).toBe(0)
    expect(readFileSync(path, "utf8")).toBe("alias x=y\n")
  })

  test("an empty start-up file that was there before stays", () => {
    const path = join(machine.home, ".bash_profile")
    machine.write(path, marked("").replace("alias x=y\n", ""))
    expect(run("uninstall").code).toBe(0)
    expect(readFileSync(path, "utf8")).toBe("")
  })

  test("a start-up file in another encoding keeps every byte", () => {
    const path = join(machine.home, ".bashrc")
    machine.write(path, Buffer.from(marked("# caf\xe9\n"), "latin1"))
    expect(run("uninstall").code).toBe(0)
    expect(readFileSync(path, "latin1")).toBe("# caf\xe9\nalias x=y\n")
  })

  test("a marker that has lost its other one takes nothing along", () => {
    const path = join(machine.home, ".bashrc")
    machine.write(
      path,
      `# >>> session-rescue >>>\nalias a=b\n${marked("")}# >>> session-rescue >>>\nalias c=d\n`,
    )
    expect(run("uninstall").code).toBe(0)
    expect(readFileSync(path, "utf8")).toBe(
      "# >>> session-rescue >>>\nalias a=b\nalias x=y\n# >>> session-rescue >>>\nalias c=d\n",
    )
  })

  test("--dry-run names all of it and removes nothing", () => {
    run("setup", "--commands", "--hooks")
    const before = tree(machine.root)
    const { out } = run("uninstall", "--dry-run")
    expect(out.match(/would remove/g)).toHaveLength(6)
    expect(tree(machine.root)).toEqual(before)
  })

  test("--purge refuses where nobody can be asked, and removes nothing then", () => {
    machine.transcript(sessionId(1))
    run("export", "--all")
    const before = tree(machine.root)
    const { code, err } = run("uninstall", "--purge")
    expect([code, err]).toEqual([4, expect.stringContaining("1 export would be deleted permanently")])
    expect(tree(machine.root)).toEqual(before)
  })

  test("--purge answered with No removes nothing, and says so", async () => {
    machine.transcript(sessionId(1))
    run("export", "--all")
    const before = tree(machine.root)
    const parts: string[] = []
    const shown = () => parts.join("")
    const asked = machine.start([program, "uninstall", "--purge"], {
      env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm", CI: "" },
      terminal: { cols: 100, rows: 30, data: (_, bytes) => void parts.push(Buffer.from(bytes).toString()) },
    })
    await until("the question", () => shown().includes("permanently?"))
    asked.say("\r")
    expect(await asked.exited).toBe(0)
    await until("the last line", () => shown().includes("Next: session-rescue uninstall   (without --purge"))
    expect(shown()).toContain("Nothing was removed.")
    expect(tree(machine.root)).toEqual(before)
  })

  test("--purge --force takes our exports, the index and the log, and nothing of anybody else", () => {
    machine.transcript(sessionId(1))
    run("export", "--all")
    const foreign = ["sessions-export-pending-anthropic/2026-01-01T00-00-00Z-LOSSLESS-session.jsonl"].concat([
      "sessions-export-pending-codex/x.jsonl",
      "context-storage/org.db",
    ])
    for (const name of foreign) machine.write(join(machine.data, name), "theirs\n")
    machine.write(join(machine.data, "context-storage/session-rescue.db"), "ours\n")
    machine.write(join(machine.data, "context-storage/session-rescue.db-wal"), "ours\n")
    machine.write(join(machine.home, ".config/session-rescue/config.toml"), "")
    const { code } = run("uninstall", "--purge", "--force")
    expect(code).toBe(0)
    expect(
      Object.entries(tree(machine.data))
        .flatMap(([name, what]) => (what.endsWith("folder") ? [] : [name]))
        .toSorted(),
    ).toEqual(foreign.toSorted())
    expect(existsSync(join(machine.home, ".config/session-rescue/config.toml"))).toBe(true)
  })

  test("on a terminal --purge asks, names what is the only copy, and No is the default", async () => {
    const path = machine.transcript(sessionId(1))
    run("export", "--all")
    await Bun.file(path).delete()
    const before = Object.keys(tree(pending()))
    let screen = ""
    const asked = Promise.withResolvers<void>()
    const terminal = {
      cols: 120,
      rows: 40,
      data(_: unknown, bytes: Uint8Array) {
        screen += Buffer.from(bytes).toString()
        if (screen.includes("No")) asked.resolve()
      },
    }
    const env = { SESSION_RESCUE_DATA: machine.data, TERM: "xterm", PATH: "/usr/bin:/bin" }
    const started = machine.start([program, "uninstall", "--purge"], { terminal, env })
    await asked.promise
    started.say("\r")
    expect(await started.exited).toBe(0)
    expect(screen).toContain("1 of them is the only copy")
    expect(Object.keys(tree(pending()))).toEqual(before)
    expect(existsSync(program)).toBe(true)
  })

  test("while something cannot be taken away, the binary stays", () => {
    run("setup", "--hooks")
    const damaged = `${readFileSync(join(machine.claude, "settings.json"), "utf8")}{`
    machine.write(join(machine.claude, "settings.json"), damaged)
    const { code, out } = run("uninstall")
    expect([code, existsSync(program)]).toEqual([1, true])
    expect(out).toContain("not valid JSON")
    expect(readFileSync(join(machine.claude, "settings.json"), "utf8")).toBe(damaged)
  })

  test("called through a link on PATH, link and file go", () => {
    symlinkSync(program, join(machine.root, "session-rescue"))
    const env = {
      HOME: machine.home,
      PATH: `${machine.root}:/usr/bin:/bin`,
      SESSION_RESCUE_DATA: machine.data,
    }
    expect(Bun.spawnSync(["session-rescue", "uninstall"], { env, cwd: machine.root }).exitCode).toBe(0)
    expect([existsSync(program), readdirSync(machine.root).includes("session-rescue")]).toEqual([
      false,
      false,
    ])
  })
})
