import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { existsSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { targets } from "../../build/targets.ts"
import { freshMachine, impostor, type Machine, run } from "./machine.ts"
import { basics, makeRelease, only, pipeInto, publish, serve } from "./release.ts"

const release = makeRelease()
let server: ReturnType<typeof serve>
let script = ""

beforeAll(() => {
  server = serve(release)
  script = publish(server.url)
})
afterAll(() => server.stop())

const piped = (machine: Machine, options: Partial<Parameters<typeof pipeInto>[1]> = {}) =>
  pipeInto(machine, { script, ...options })
const says = (machine: Machine, word = "which") => run([machine.target, word], machine.env).out.trim()

describe("piped into a shell", () => {
  test.each(["dash", "bash", "busybox sh"].filter((shell) => Bun.which(shell.split(" ")[0] ?? "")))(
    "%s downloads, checks and installs; twice does nothing; --uninstall leaves nothing",
    async (shell) => {
      const machine = freshMachine()
      const first = await piped(machine, { shell })
      expect(first).toMatchObject({ code: 0, err: "" })
      expect(first.out).toContain("it shows damage, not forgery")
      expect(first.out).toContain(`Installed session-rescue 1.2.3: ${machine.target}`)
      expect(says(machine)).toBe("linux-x64")
      expect(readdirSync(machine.bin)).toEqual(["session-rescue"])

      const { ino } = statSync(machine.target)
      const before = server.asked.length
      const second = await piped(machine, { shell })
      expect(second.out).toContain("1.2.3 is installed already, byte for byte: nothing to do")
      expect([second.code, statSync(machine.target).ino]).toEqual([0, ino])
      expect(server.asked.slice(before)).toEqual(["/SHA256SUMS"])

      const gone = await piped(machine, { shell, args: ["--uninstall"] })
      expect(gone.code).toBe(0)
      expect(gone.out).toContain("setup --remove\nRemoved ")
      expect(readdirSync(machine.home)).toEqual([])
    },
  )

  test("an older one that runs keeps its file", async () => {
    const machine = freshMachine()
    await piped(machine)
    writeFileSync(machine.target, "#!/bin/sh\necho older\n")
    const running = openSync(machine.target, "r")
    expect((await piped(machine)).code).toBe(0)
    expect(readFileSync(running, "utf8")).toContain("older")
    expect(says(machine)).toBe("linux-x64")
  })

  test("without a word about where the release lies, it asks and stops", async () => {
    const machine = freshMachine()
    const { code, err } = await piped(machine, { script: publish(null) })
    expect([code, readdirSync(machine.home)]).toEqual([1, []])
    expect(err).toContain("SESSION_RESCUE_BASE_URL=")
  })

  test("from a folder: file:///", async () => {
    const machine = freshMachine()
    const path = only(...basics, "gzip", "sha256sum")
    const env = { SESSION_RESCUE_BASE_URL: `file://${release}`, PATH: path }
    expect(await piped(machine, { env, shell: "/bin/sh" })).toMatchObject({ code: 0 })
    expect(says(machine)).toBe("linux-x64")
  })

  test("another version, where the address has a place for it", async () => {
    const machine = freshMachine()
    makeRelease({ version: "0.9.0", folder: join(release, "v0.9.0") })
    const env = { SESSION_RESCUE_BASE_URL: `${server.url}/v{version}`, SESSION_RESCUE_VERSION: "v0.9.0" }
    expect((await piped(machine, { env })).code).toBe(0)
    expect(says(machine, "--version")).toBe("0.9.0")
  })

  test("another version than what lies there is not installed", async () => {
    const machine = freshMachine()
    const { code, err } = await piped(machine, { env: { SESSION_RESCUE_VERSION: "9.9.9" } })
    expect(code).toBe(1)
    expect(err).toContain("was to be 9.9.9, and says it is 1.2.3. Nothing was installed.")
    expect(readdirSync(machine.bin)).toEqual([])
  })

  test("BUN_OPTIONS and BUN_BE_BUN do not reach the new binary", async () => {
    const machine = freshMachine()
    const body = () => `#!/bin/sh\n[ -z "\${BUN_OPTIONS:-}\${BUN_BE_BUN:-}" ] && echo 1.2.3\n`
    const env = {
      SESSION_RESCUE_BASE_URL: `file://${makeRelease({ binary: body })}`,
      BUN_OPTIONS: "--preload=./x.ts",
      BUN_BE_BUN: "1",
    }
    expect((await piped(machine, { env })).code).toBe(0)
  })
})

describe("PATH", () => {
  const advice = async (env: Record<string, string>) => {
    const machine = freshMachine()
    return { machine, ...(await piped(machine, { env })) }
  }

  test.each([
    ["/bin/zsh", ".zshrc", 'export PATH="$HOME/.local/bin:$PATH"'],
    ["/usr/bin/fish", ".config/fish/config.fish", "fish_add_path --path $HOME/.local/bin"],
    ["", ".profile", 'export PATH="$HOME/.local/bin:$PATH"'],
  ])("for the shell %p the line goes into %s, between markers", async (SHELL, file, line) => {
    const { machine, out } = await advice({ SHELL })
    const text = `# >>> session-rescue >>>\n# install.sh made this file\n${line}\n# <<< session-rescue <<<\n`
    expect(readFileSync(join(machine.home, file), "utf8")).toBe(text)
    expect(out).toContain(`in this one, type:\n  ${line}\n`)
  })

  test("what was in the start-up file stays as it was, also where its last line has no end", async () => {
    const machine = freshMachine()
    const start = join(machine.home, ".bashrc")
    writeFileSync(start, "alias ll='ls -l'\n\n# no end of line", { mode: 0o640 })
    await piped(machine)
    await piped(machine)
    const text = readFileSync(start, "utf8")
    expect(text).toStartWith("alias ll='ls -l'\n\n# no end of line\n# >>>")
    expect(text.match(/>>> session-rescue >>>/g)).toHaveLength(1)
    await piped(machine, { args: ["--uninstall"] })
    expect(readFileSync(start, "utf8")).toBe("alias ll='ls -l'\n\n# no end of line\n")
    expect(statSync(start).mode & 0o777).toBe(0o640)
  })

  test("SESSION_RESCUE_NO_MODIFY_PATH: the line is only printed", async () => {
    const { machine, out } = await advice({ SESSION_RESCUE_NO_MODIFY_PATH: "1" })
    expect(out).toContain('put this line in ~/.bashrc:\n  export PATH="$HOME/.local/bin:$PATH"\n')
    expect(existsSync(join(machine.home, ".bashrc"))).toBe(false)
  })

  test("csh has no such file to be trusted with: the line is only printed", async () => {
    const { out } = await advice({ SHELL: "/bin/tcsh" })
    expect(out).toContain("put this line in ~/.cshrc:\n  set path = ($HOME/.local/bin $path)\n")
  })

  test("a start-up file that may not be written: the line is only printed", async () => {
    const machine = freshMachine()
    const { code, out } = await piped(machine, { env: { SHELL: "/bin/zsh", ZDOTDIR: "/proc/1" } })
    expect(code).toBe(0)
    expect(out).toContain("put this line in /proc/1/.zshrc")
  })

  test("the line holds for a folder whose name needs quotes", async () => {
    const machine = freshMachine()
    const folder = join(machine.home, "it's $HOME")
    const { out } = await piped(machine, { env: { SESSION_RESCUE_INSTALL_DIR: folder } })
    const line = out.split("\n").find((text) => text.startsWith("  export PATH=")) ?? ""
    expect(run(["sh", "-c", `${line}; session-rescue which`], machine.env).out).toBe("linux-x64\n")
    const again = ["bash", "--rcfile", join(machine.home, ".bashrc"), "-ic", "session-rescue which"]
    expect(run(again, machine.env).out).toBe("linux-x64\n")
  })

  test("nothing is said or written when the folder is there already", async () => {
    const machine = freshMachine()
    const { out } = await piped(machine, { env: { PATH: `${machine.bin}:${machine.env.PATH}` } })
    expect(out).not.toContain("export")
    expect(out).toEndWith("Next: session-rescue --status\n")
    expect(existsSync(join(machine.home, ".bashrc"))).toBe(false)
  })

  test("another session-rescue that comes first is named", async () => {
    const machine = freshMachine()
    const other = impostor()
    const { err, out } = await piped(machine, {
      env: { PATH: `${other}:${machine.bin}:${machine.env.PATH}` },
    })
    expect(err).toContain(`another session-rescue comes first on PATH: ${other}/session-rescue`)
    expect(out).toEndWith("Next: $HOME/.local/bin/session-rescue --status\n")
  })
})

test("it knows the same machines as the build", () => {
  const known = /^targets='(.*)'$/m.exec(readFileSync(script, "utf8"))?.[1]?.split(" ")
  expect(known).toEqual(targets.map(({ name }) => name))
})
