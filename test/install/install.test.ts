import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import manifest from "../../package.json"
import { freshCheckout, freshMachine, install, type Run, run } from "./machine.ts"

const minutes = 60_000
const { version } = manifest
const checkout = freshCheckout()
const machine = freshMachine()
let first: Run

// One npm ci for all of them: it is nearly all of the time this file takes.
beforeAll(() => {
  first = install(machine, checkout)
}, 3 * minutes)
afterAll(() => rmSync(checkout, { recursive: true, force: true }))

describe("on a machine with npm and nothing else", () => {
  test("one command builds and installs", () => {
    expect(first.err.replace(/^built .*\n/, "")).toBe("")
    expect(first.code).toBe(0)
    expect(first.out).toContain(`Installed session-rescue ${version}: ${machine.target}`)
    expect(run([machine.target, "--version"], machine.env).out).toBe(`${version}\n`)
    expect(statSync(machine.target).mode & 0o777).toBe(0o755)
  })

  test("it leaves nothing else but the line for PATH in the home, nor anything beside the binary", () => {
    expect(readdirSync(machine.home).toSorted()).toEqual([".bashrc", ".local"])
    expect(readdirSync(machine.bin)).toEqual(["session-rescue"])
  })

  test("it tells how to get on PATH, and ends with what to type next", () => {
    expect(first.out).toContain(
      'on PATH in new terminals; in this one, type:\n  export PATH="$HOME/.local/bin:$PATH"\n',
    )
    const found = run(
      ["bash", "--rcfile", join(machine.home, ".bashrc"), "-ic", "session-rescue --version"],
      {
        ...machine.env,
      },
    )
    expect(found.out).toBe(`${version}\n`)
    expect(first.out.trimEnd().split("\n").at(-1)).toBe("Next: $HOME/.local/bin/session-rescue --status")
  })

  test("a second time there is nothing to do", () => {
    const before = statSync(machine.target)
    const { code, out } = install(machine, checkout)
    expect(out).toContain("nothing to do")
    expect([code, statSync(machine.target).ino]).toEqual([0, before.ino])
  })

  test.each(["dash", "bash", "busybox sh"].filter((shell) => Bun.which(shell.split(" ")[0] ?? "")))(
    "%s runs it",
    (shell) => {
      const other = freshMachine()
      expect(install(other, checkout, { shell }).code).toBe(0)
      expect(run([other.target, "--version"], other.env).out).toBe(`${version}\n`)
      expect(install(other, checkout, { shell, args: ["--uninstall"] }).code).toBe(0)
      expect(existsSync(other.target)).toBe(false)
    },
  )
})

describe("what is installed already", () => {
  test("is replaced in one step, so that a running one keeps its file", () => {
    const running = openSync(machine.target, "r")
    const before = statSync(machine.target)
    const newer = readFileSync(join(checkout, "package.json"), "utf8")
    writeFileSync(
      join(checkout, "package.json"),
      newer.replace(`"version": "${version}"`, '"version": "9.9.9"'),
    )
    const { code } = install(machine, checkout)
    writeFileSync(join(checkout, "package.json"), newer)
    expect(code).toBe(0)
    expect(run([machine.target, "--version"], machine.env).out).toBe("9.9.9\n")
    expect(statSync(machine.target).ino).not.toBe(before.ino)
    expect(readFileSync(running).length).toBe(before.size)
    closeSync(running)
  })

  test("stays when the build fails", () => {
    const entry = join(checkout, "src/main.ts")
    const before = [readFileSync(entry, "utf8"), Bun.hash(readFileSync(machine.target))] as const
    writeFileSync(entry, `import "./not-there.ts"\n${before[0]}`)
    const { code, err } = install(machine, checkout)
    writeFileSync(entry, before[0])
    expect(code).toBe(1)
    expect(err).toContain(`the build failed. ${machine.target} is untouched.`)
    expect(Bun.hash(readFileSync(machine.target))).toBe(before[1])
    expect(readdirSync(machine.bin)).toEqual(["session-rescue"])
  })

  test("goes with --uninstall, and the exports stay", () => {
    const save = join(machine.home, "PROJECTS/.coditect-data")
    mkdirSync(save, { recursive: true })
    const { code, out } = install(machine, checkout, { args: ["--uninstall"] })
    expect(out).toContain(`Removed ${machine.target}\n`)
    expect(out).toEndWith("\nExports are kept: $HOME/PROJECTS/.coditect-data\n")
    expect([code, existsSync(machine.target), existsSync(save)]).toEqual([0, false, true])
    expect(install(machine, checkout, { args: ["--uninstall"] }).out).toContain("Nothing to remove")
  })
})

describe("wrong use", () => {
  test("an unknown option is an error, and nothing is done", () => {
    const fresh = freshMachine()
    const { code, err } = install(fresh, checkout, { args: ["--unistall"] })
    expect([code, readdirSync(fresh.home)]).toEqual([2, []])
    expect(err).toContain("unknown option: --unistall")
  })

  test("--help tells options, environment and exit status", () => {
    const { code, out } = install(freshMachine(), checkout, { args: ["--help"] })
    expect(code).toBe(0)
    for (const word of ["--uninstall", "SESSION_RESCUE_INSTALL_DIR", "exit status"])
      expect(out).toContain(word)
  })

  test("outside a checkout it says so", () => {
    const folder = mkdtempSync(join(tmpdir(), "alone-"))
    copyFileSync(join(checkout, "install.sh"), join(folder, "install.sh"))
    const alone = install(machine, folder)
    const piped = run(["sh", "-s"], machine.env, Bun.file(join(folder, "install.sh")))
    for (const { code, err } of [alone, piped]) {
      expect(code).toBe(1)
      expect(err).toContain("does not know where the release lies")
    }
  })

  test("a folder that cannot be written is an error that names the way out", () => {
    const { code, err } = install(machine, checkout, { env: { SESSION_RESCUE_INSTALL_DIR: "/dev/null/bin" } })
    expect(code).toBe(1)
    expect(err).toContain("SESSION_RESCUE_INSTALL_DIR=FOLDER")
  })
})

test(
  "where npm runs no install scripts, Bun is found all the same",
  () => {
    rmSync(join(checkout, "node_modules"), { recursive: true })
    const fresh = freshMachine()
    expect(install(fresh, checkout, { env: { npm_config_ignore_scripts: "true" } }).code).toBe(0)
    expect(readFileSync(join(checkout, "node_modules/bun/bin/bun.exe"), "latin1")).toStartWith("echo")
    expect(run([fresh.target, "--version"], fresh.env).out).toBe(`${version}\n`)
  },
  3 * minutes,
)
