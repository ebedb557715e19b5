import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { program, root, version } from "./compile.ts"
import { signatureTrouble } from "./mach-o.ts"
import type { Target } from "./targets.ts"

/** `ran`: it did what a user needs of it. `not run`: it cannot be run here. `broken`: it must not be published. */
export interface Smoke {
  readonly verdict: "ran" | "not run" | "broken"
  readonly says: string
}

/** Where and how a binary is run: `inside` is what a folder of this machine is called there. */
interface Place {
  readonly folder: string
  readonly inside: string
  command(binary: string): readonly string[]
}

/** Finds a session, saves it and reads it back, with the binary of that machine and without any `ps`. */
export async function smoke(target: Target, binary: string): Promise<Smoke> {
  const check = target.os === "darwin" ? signatureTrouble(readFileSync(binary)) : null
  if (check !== null) return { verdict: "broken", says: check }
  const place = findPlace(target)
  if (typeof place === "string") {
    const signed = target.os === "darwin" ? "; every page is as its signature says" : ""
    return { verdict: "not run", says: place + signed }
  }
  const folder = mkdtempSync(join(place.folder, "smoke-"))
  chmodSync(folder, 0o755)
  try {
    const inside = join(place.inside, folder.slice(place.folder.length))
    copyFileSync(binary, join(folder, program))
    const run = runner(place.command(join(inside, program)), inside)
    for (const tools of processTools(folder)) {
      const trouble = rescueOnce(folder, inside, tools, run)
      if (trouble !== null) return { verdict: "broken", says: `${tools}: ${trouble}` }
    }
    return { verdict: "ran", says: "version, status, export; with BusyBox's ps and with none" }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const id = "a0000000-1111-4222-8333-444444444444"
const transcript = `${JSON.stringify({
  type: "user",
  sessionId: id,
  uuid: id,
  parentUuid: null,
  cwd: "/work",
  version: "2.1.197",
  timestamp: new Date().toISOString(),
  message: { role: "user", content: "hello" },
})}\n`

type Run = (
  args: string[],
  env: Record<string, string>,
) => { code: number | null; stdout: string; stderr: string }

/** What went wrong, in the binary's own words where it has any. */
function rescueOnce(folder: string, inside: string, tools: string, run: Run): string | null {
  const home = join(folder, "home", tools)
  mkdirSync(join(home, ".claude/projects/-work"), { recursive: true })
  writeFileSync(join(home, ".claude/projects/-work", `${id}.jsonl`), transcript)
  const env = { HOME: join(inside, "home", tools), PATH: join(inside, tools) }
  const wanted = (answer: ReturnType<Run>, holds: (text: string) => boolean) =>
    answer.code === 0 && holds(answer.stdout)
      ? null
      : `exit ${answer.code}: ${answer.stdout}${answer.stderr}`.slice(0, 2000)
  const says = run(["--version"], env)
  const status = run(["status", "--json"], env)
  // by its id: the machine may have clients of its own at work, which are none of our business
  const saved = run(["export", id, "--json"], env)
  return (
    wanted(says, (text) => text === `${version}\n`) ??
    wanted(status, (text) =>
      JSON.parse(text).sessions.some((session: { id: string }) => session.id === id),
    ) ??
    wanted(saved, (text) => {
      const [entry] = JSON.parse(text).exports
      const copy = join(folder, entry.path.slice(inside.length))
      return entry.status === "verified" && readFileSync(copy, "utf8") === transcript
    })
  )
}

/** Two folders for PATH: an empty one, and one whose `ps` is BusyBox's, as on slim images. */
function processTools(folder: string): string[] {
  mkdirSync(join(folder, "no-ps"))
  const busybox = Bun.which("busybox")
  if (busybox === null) return ["no-ps"]
  mkdirSync(join(folder, "busybox-ps"))
  copyFileSync(busybox, join(folder, "busybox-ps/busybox"))
  symlinkSync("busybox", join(folder, "busybox-ps/ps"))
  return ["no-ps", "busybox-ps"]
}

function runner(command: readonly string[], cwd: string): Run {
  return (args, env) => {
    const done = Bun.spawnSync([...command, ...args], {
      env,
      timeout: 120_000,
      cwd: existsSync(cwd) ? cwd : "/",
    })
    return { code: done.exitCode, stdout: done.stdout.toString(), stderr: done.stderr.toString() }
  }
}

/** A place of this machine where such a binary runs, or why there is none. */
function findPlace({ os, arch, libc }: Target): Place | string {
  if (os !== process.platform) return `this is ${process.platform}, and it is for ${os}`
  if (os !== "linux") return here()
  if (libc === "musl") return arch === "x64" || arch === "arm64" ? muslPlace(arch) : "no such musl"
  if (arch === process.arch) return here()
  const emulator = Bun.which("qemu-aarch64-static")
  const libraries = "/usr/aarch64-linux-gnu"
  if (emulator === null || !existsSync(libraries))
    return "it needs qemu-user-static and libc6-arm64-cross, which are not here"
  return { ...here(), command: (binary) => [emulator, "-L", libraries, binary] }
}

function here(): Place {
  return { folder: tmpdir(), inside: tmpdir(), command: (binary) => [binary] }
}

/** In a root of its own: a musl binary names its loader by an absolute path, and must not find glibc's libraries. */
function muslPlace(arch: "x64" | "arm64"): Place | string {
  if (process.arch !== "x64") return "musl binaries are tried on x64 machines only"
  const folder = muslRoot(arch)
  if (!folder.startsWith("/")) return folder
  const emulator = arch === "x64" ? [] : ["/usr/bin/qemu-aarch64-static"]
  return { folder, inside: "/", command: (binary) => [...insideRoot(folder), ...emulator, binary] }
}

/** The folder, made on first use; else why it cannot be had. */
export function muslRoot(arch: "x64" | "arm64"): string {
  const folder = join(root, ".cache/musl-root", arch)
  if (existsSync(folder)) return folder
  const made = Bun.spawnSync(["sh", join(root, "build/musl-root.sh"), arch, folder])
  return made.exitCode === 0 ? folder : made.stderr.toString().trim()
}

/** Runs what follows in that root, with processes of its own. The shell is the first of them, and waits. */
export function insideRoot(folder: string): string[] {
  const user = process.getuid?.() === 0 ? [] : ["--map-root-user"]
  const apart = [...user, "--mount", "--pid", "--fork", "--mount-proc=/proc", `--root=${folder}`]
  return [Bun.which("unshare") ?? "unshare", ...apart, "/bin/busybox", "sh", "-c", '"$@"; exit $?', "sh"]
}
