import { describe, expect, test } from "bun:test"
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freshMachine, type Machine, run } from "./machine.ts"
import { basics, makeRelease, only, pipeInto, programs, publish, serve, serveHalf } from "./release.ts"

const release = makeRelease()
const fromFolder = publish(`file://${release}`)
const nothingThere = (machine: Machine) => !existsSync(machine.bin) || readdirSync(machine.bin).length === 0

describe("which machine this is", () => {
  const gnu = "echo 'ldd (Debian GLIBC 2.36) 2.36'"
  const musl = "echo 'musl libc (x86_64)' >&2; exit 1"
  /** `uname -s` and `uname -m` as another machine would answer, and what else is asked there. */
  const pretend = async (system: string, processor: string, more: Record<string, string> = {}) => {
    const uname = `case $1 in -s) echo '${system}' ;; *) echo '${processor}' ;; esac`
    const machine = freshMachine()
    const fakes = programs({ uname, ldd: gnu, ...more })
    const path = `${fakes}:${machine.env.PATH}`
    const done = await pipeInto(machine, {
      script: fromFolder,
      env: { PATH: path, SESSION_RESCUE_TARGET: "" },
    })
    return { ...done, machine, which: done.code === 0 ? run([machine.target], machine.env).out.trim() : null }
  }
  const avx2 = readFileSync("/proc/cpuinfo", "utf8").includes(" avx2") ? "" : "-baseline"

  test.each([
    ["Linux", "x86_64", {}, `linux-x64${avx2}`],
    ["Linux", "amd64", { ldd: musl }, `linux-x64-musl${avx2}`],
    ["Linux", "aarch64", {}, "linux-arm64"],
    ["Linux", "arm64", { ldd: musl }, "linux-arm64-musl"],
    [
      "Linux",
      "x86_64",
      { grep: `case "$*" in *avx2*) exit 1 ;; *) exec ${Bun.which("grep")} "$@" ;; esac` },
      "linux-x64-baseline",
    ],
    ["Darwin", "arm64", {}, "darwin-arm64"],
    ["Darwin", "x86_64", { sysctl: "case $2 in *translated) echo 1 ;; esac" }, "darwin-arm64"],
    [
      "Darwin",
      "x86_64",
      { sysctl: "case $2 in *translated) echo 0 ;; *leaf7*) echo 'SMEP AVX2 BMI2' ;; esac" },
      "darwin-x64",
    ],
  ])("%s %s %j is %s", async (system, processor, more, name) => {
    expect((await pretend(system, processor, more as Record<string, string>)).which).toBe(name)
  })

  test.each([
    ["FreeBSD", "amd64", {}, "no session-rescue for this system: FreeBSD"],
    ["Linux", "riscv64", {}, "no session-rescue for this processor: riscv64"],
    ["Linux", "x86_64", { getconf: "echo 32" }, "no session-rescue for a 32-bit system"],
    ["Darwin", "x86_64", { sysctl: "exit 1" }, "seems to lack AVX2"],
  ])("%s %s %j is an error, never a guess", async (system, processor, more, says) => {
    const { code, err, machine } = await pretend(system, processor, more as Record<string, string>)
    expect([code, nothingThere(machine)]).toEqual([1, true])
    expect(err).toContain(says)
    expect(err).toContain("SESSION_RESCUE_TARGET=")
  })

  test("it can be overruled, by a name that there is", async () => {
    const machine = freshMachine()
    const over = (SESSION_RESCUE_TARGET: string) =>
      pipeInto(machine, { script: fromFolder, env: { SESSION_RESCUE_TARGET } })
    const { code, err } = await over("linux-x64-uclibc")
    expect([code, nothingThere(machine)]).toEqual([1, true])
    expect(err).toContain('no binary for "linux-x64-uclibc". There is one for: linux-x64 ')
    await over("darwin-x64")
    expect(run([machine.target], machine.env).out).toBe("darwin-x64\n")
  })

  test("a new binary that does not run here is not installed, and on musl the missing library is named", async () => {
    const broken = makeRelease({
      binary: () => "#!/bin/sh\necho 'Error loading shared library libstdc++.so.6' >&2; exit 127\n",
    })
    const machine = freshMachine()
    const { code, err } = await pipeInto(machine, { script: publish(`file://${broken}`) })
    expect([code, nothingThere(machine)]).toEqual([1, true])
    expect(err).toContain("does not run here: Error loading shared library libstdc++.so.6")
    expect(err).toContain("apk add libstdc++ libgcc")
  })
})

describe("the download", () => {
  const fetched = async (
    folder: string,
    options: { answer?: (path: string) => Response | null; path?: string } = {},
  ) => {
    const server = serve(folder, options.answer)
    try {
      const machine = freshMachine()
      const env = options.path ? { PATH: options.path } : {}
      const done = await pipeInto(machine, { script: publish(server.url), env, shell: "/bin/sh" })
      return { ...done, machine, nothing: nothingThere(machine) }
    } finally {
      server.stop()
    }
  }
  const file = "session-rescue-linux-x64"
  test.each([
    ["curl", ["curl"]],
    ["wget", ["wget"]],
    ["BusyBox's wget", ["busybox"]],
  ])("with %s alone", async (_, [tool = ""]) => {
    const path = `${only(...basics, "gzip", "sha256sum", ...(tool === "busybox" ? [] : [tool]))}${
      tool === "busybox" ? `:${programs({ wget: `exec ${Bun.which("busybox")} wget "$@"` })}` : ""
    }`
    expect(await fetched(release, { path })).toMatchObject({ code: 0, nothing: false })
    const line = serveHalf(release)
    const machine = freshMachine()
    const cut = await pipeInto(machine, { script: publish(line.url), env: { PATH: path }, shell: "/bin/sh" })
    line.stop()
    expect([cut.code, nothingThere(machine)]).toEqual([1, true])
    expect(cut.err).toMatch(/could not download|is damaged/)
  })

  test.each(["sha256sum", "shasum", "openssl"])("checked with %s alone", async (tool) => {
    const path = only(...basics, "gzip", "curl", tool, ...(tool === "shasum" ? ["perl"] : []))
    expect(await fetched(release, { path })).toMatchObject({ code: 0, nothing: false })
  })

  test("without any checksum tool nothing is installed", async () => {
    const { code, err, nothing } = await fetched(release, { path: only(...basics, "gzip", "curl") })
    expect([code, nothing]).toEqual([1, true])
    expect(err).toContain("no sha256sum, shasum or openssl here")
  })

  test("without gzip the unpacked one is fetched", async () => {
    expect(await fetched(release, { path: only(...basics, "curl", "sha256sum") })).toMatchObject({ code: 0 })
  })

  test("without curl and wget it says what to do", async () => {
    const { code, err, nothing } = await fetched(release, { path: only(...basics, "gzip", "sha256sum") })
    expect([code, nothing]).toEqual([1, true])
    expect(err).toContain("neither curl nor wget is here")
    expect(err).toContain("file:///")
  })

  test("no SHA256SUMS at all, or none for this file: nothing is installed", async () => {
    const none = await fetched(release, {
      answer: (path) => (path === "/SHA256SUMS" ? new Response("", { status: 404 }) : null),
    })
    expect(none).toMatchObject({ code: 1, nothing: true })
    expect(none.err).toContain("could not download")
    const other = await fetched(makeRelease({ names: ["linux-arm64"] }))
    expect(other).toMatchObject({ code: 1, nothing: true })
    expect(other.err).toContain(`has no checksum for ${file}`)
  })

  test("a wrong checksum, of the packed or of the unpacked file: nothing is installed", async () => {
    for (const wrong of [`${file}.gz`, file]) {
      const folder = makeRelease()
      const sums = readFileSync(join(folder, "SHA256SUMS"), "utf8")
      const digit = (match: string) => (match === "0" ? "1" : "0")
      writeFileSync(
        join(folder, "SHA256SUMS"),
        sums.replace(new RegExp(`^.(?=.{63}  ${wrong.replaceAll(".", "\\.")}$)`, "m"), digit),
      )
      const { code, err, nothing } = await fetched(folder)
      expect([code, nothing]).toEqual([1, true])
      expect(err).toContain(`is damaged: its checksum is not the one in SHA256SUMS`)
    }
  })

  test("what was installed before is untouched by all of that", async () => {
    const machine = freshMachine()
    await pipeInto(machine, { script: fromFolder })
    const before = readFileSync(machine.target)
    const folder = makeRelease({ version: "2.0.0" })
    writeFileSync(join(folder, `${file}.gz`), "damaged")
    const { code, err } = await pipeInto(machine, { script: publish(`file://${folder}`, "2.0.0") })
    expect(code).toBe(1)
    expect(err).toContain(`${machine.target} is untouched`)
    expect(readFileSync(machine.target)).toEqual(before)
    expect(readdirSync(machine.bin)).toEqual(["session-rescue"])
  })
})

/** Runs the shell lines and then install.sh, in a mount namespace of their own; skipped aloud where there is none. */
const mayMount = Bun.spawnSync(["unshare", "--mount", "true"]).exitCode === 0
if (!mayMount)
  console.warn("\nSKIPPED: full disk and read-only folder, because no mount namespace can be had\n")

describe.skipIf(!mayMount)("a folder that takes nothing", () => {
  const mounted = (options: string, folder: string) => {
    const machine = freshMachine()
    const env = { ...machine.env, SESSION_RESCUE_TARGET: "linux-x64", SESSION_RESCUE_INSTALL_DIR: folder }
    const line = `mount -t tmpfs -o ${options} tmpfs '${folder}' && sh '${fromFolder}'; code=$?; ls -A '${folder}' >&2; exit $code`
    return run(["unshare", "--mount", "sh", "-c", line], env)
  }

  test("a full disk: the free space is named, nothing is left there", () => {
    const big = makeRelease({ binary: () => crypto.getRandomValues(new Uint8Array(60_000)) })
    const folder = mkdtempSync(join(tmpdir(), "full-"))
    const machine = freshMachine()
    const env = { ...machine.env, SESSION_RESCUE_TARGET: "linux-x64", SESSION_RESCUE_INSTALL_DIR: folder }
    const line = `mount -t tmpfs -o size=32k tmpfs '${folder}' && sh '${publish(`file://${big}`)}'; code=$?; ls -A '${folder}'; exit $code`
    const { code, out, err } = run(["unshare", "--mount", "sh", "-c", line], env)
    expect(code).toBe(1)
    expect(err).toMatch(/could not be copied. Nothing was installed.\n.*Free in .*: 0 MB/)
    expect(out.trimEnd().split("\n").at(-1)).toStartWith("Downloading")
  })

  test("a read-only one: another is asked for", () => {
    const { code, err } = mounted("ro", mkdtempSync(join(tmpdir(), "read-only-")))
    expect(code).toBe(1)
    expect(err).toContain("cannot write to")
    expect(err).toContain("SESSION_RESCUE_INSTALL_DIR=FOLDER")
  })
})

describe("the start-up file", () => {
  const begin = "# >>> session-rescue >>>"
  const end = "# <<< session-rescue <<<"
  const startUp = (machine: Machine, text: string) => {
    const path = join(machine.home, ".bashrc")
    writeFileSync(path, text)
    return () => readFileSync(path, "utf8")
  }

  test.each([
    ["fails", "exit 2"],
    ["is cut off by a full disk", "echo alias; exit 2"],
  ])("is untouched where awk %s, and the line to add is said", async (_, awk) => {
    const machine = freshMachine()
    const mine = `alias a=b\n${begin}\nexport PATH="elsewhere"\n${end}\n`
    const now = startUp(machine, mine)
    const env = { PATH: `${programs({ awk })}:${machine.env.PATH}` }
    const { code, out } = await pipeInto(machine, { script: fromFolder, env })
    expect([code, now()]).toEqual([0, mine])
    expect(out).toContain("put this line in ~/.bashrc:")
    const gone = await pipeInto(machine, { script: fromFolder, env, args: ["--uninstall"] })
    expect([gone.code, now(), gone.err]).toEqual([0, mine, expect.stringContaining("it is untouched")])
  })

  test("keeps what stands behind a marker that has lost its other one", async () => {
    const machine = freshMachine()
    const ours = `${begin}\nx\n${end}\n`
    const now = startUp(machine, `${begin}\nalias a=b\n${ours}alias c=d\n${ours}${begin}\nalias e=f\n`)
    await pipeInto(machine, { script: fromFolder, args: ["--uninstall"] })
    expect(now()).toBe(`${begin}\nalias a=b\nalias c=d\n${begin}\nalias e=f\n`)
  })
})
