import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { gzipSync } from "node:zlib"
import { stamp } from "../../build/stamp.ts"
import { targets } from "../../build/targets.ts"
import type { Machine, Run } from "./machine.ts"

const root = resolve(import.meta.dir, "../..")
const sum = (bytes: string | Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex")

/** What stands for a binary where only the way to it is tested: a script that says its version and its platform. */
function pretended(version: string, name: string): string {
  return `#!/bin/sh\ncase $1 in --version) echo '${version}' ;; setup) echo "setup $2" ;; *) echo '${name}' ;; esac\n`
}

/** A published folder, as the build lays it out. */
export function makeRelease(
  options: {
    version?: string
    names?: string[]
    folder?: string
    binary?: (name: string) => string | Uint8Array
  } = {},
): string {
  const { version = "1.2.3", folder = mkdtempSync(join(tmpdir(), "release-")) } = options
  mkdirSync(folder, { recursive: true })
  const lines = (options.names ?? targets.map(({ name }) => name)).flatMap((name) => {
    const bytes = Buffer.from(options.binary?.(name) ?? pretended(version, name))
    const file = `session-rescue-${name}`
    const packed = gzipSync(bytes, { level: 1 })
    writeFileSync(join(folder, file), bytes)
    writeFileSync(join(folder, `${file}.gz`), packed)
    return [`${sum(bytes)}  ${file}\n`, `${sum(packed)}  ${file}.gz\n`]
  })
  writeFileSync(join(folder, "SHA256SUMS"), lines.join(""))
  return folder
}

/** The install.sh of a release, stamped with where that will be found. */
export function publish(baseUrl: string | null, version = "1.2.3"): string {
  const path = join(mkdtempSync(join(tmpdir(), "published-")), "install.sh")
  writeFileSync(path, stamp(readFileSync(join(root, "install.sh"), "utf8"), { version, baseUrl }))
  return path
}

/** A web server for that folder; `answer` may answer otherwise than with the file. */
export function serve(folder: string, answer: (path: string) => Response | null = () => null) {
  const asked: string[] = []
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      asked.push(pathname)
      const other = answer(pathname)
      if (other !== null) return other
      const file = Bun.file(join(folder, pathname))
      return (await file.exists()) ? new Response(file) : new Response("not here", { status: 404 })
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, asked, stop: () => server.stop(true) }
}

/** The same, but every connection is lost in the middle of a packed file. */
export function serveHalf(folder: string) {
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, request) {
        const path = /^GET (\S+)/.exec(request.toString())?.[1] ?? ""
        const bytes = readFileSync(join(folder, path))
        const sent = path.endsWith(".gz") ? bytes.subarray(0, bytes.length / 2) : bytes
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\nconnection: close\r\n\r\n`)
        socket.end(sent)
      },
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) }
}

/** A folder of programs, each a line of shell: put first on PATH, or alone. */
export function programs(each: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "programs-"))
  for (const [name, line] of Object.entries(each)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${line}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}

/** A PATH on which only these of the machine's programs are. */
export function only(...names: string[]): string {
  return programs(Object.fromEntries(names.map((name) => [name, `exec ${Bun.which(name)} "$@"`])))
}

/** What install.sh needs besides a downloader and a checksum tool. */
export const basics = [
  "uname",
  "sed",
  "mktemp",
  "mkdir",
  "rmdir",
  "chmod",
  "mv",
  "rm",
  "cat",
  "find",
  "df",
  "awk",
  "grep",
  "cmp",
].concat(["dirname", "basename", "head", "tail", "ldd", "getconf", "sh", "env"])

/** As `curl … | sh -s -- ARG…`, in a home of its own; the machine's own kind is not asked for unless it is tested. */
export async function pipeInto(
  machine: Machine,
  options: { script: string; args?: string[]; env?: Record<string, string>; shell?: string },
): Promise<Run> {
  const shell = (options.shell ?? "sh").split(" ")
  const child = Bun.spawn([...shell, "-s", "--", ...(options.args ?? [])], {
    cwd: machine.home,
    env: { ...machine.env, SESSION_RESCUE_TARGET: "linux-x64", ...options.env },
    stdin: Bun.file(options.script),
    stdout: "pipe",
    stderr: "pipe",
  })
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { code, out, err }
}
