/** A real PostgreSQL server on loopback, where `postgres.sh` finds or brings one. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

const found = Bun.spawnSync(["sh", join(import.meta.dir, "postgres.sh"), "--present"], {
  env: { PATH: process.env.PATH ?? "" },
})
const programs = found.exitCode === 0 ? found.stdout.toString().trim() : null
export const hasPostgres = programs !== null
if (!hasPostgres) console.warn(`SKIPPED: no PostgreSQL server was asked: ${found.stderr.toString().trim()}`)

/** The server refuses to run as root. */
const other = 65_534
const asOther =
  process.getuid?.() === 0 ? ["setpriv", `--reuid=${other}`, `--regid=${other}`, "--clear-groups"] : []

export class Postgres {
  readonly #folder: string
  readonly #port: number
  readonly #settings: readonly string[]
  #child: Bun.Subprocess

  private constructor(folder: string, port: number, settings: readonly string[]) {
    this.#folder = folder
    this.#port = port
    this.#settings = settings
    this.#child = this.#run()
  }

  /** `tls`: made by `selfSigned`; then it listens on 127.0.0.2 too, which is not a name of this machine to a client. */
  static async start(tls: { certificate: string; key: string } | null = null): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), "postgres-"))
    if (asOther.length > 0) {
      chownSync(folder, other, other)
      for (let above = folder; above.length > 4; above = join(above, "..")) chmodSync(above, 0o755)
    }
    const made = Bun.spawnSync(
      [
        ...[...asOther, `${programs}/initdb`, "-D", `${folder}/data`, "-U", "owner", "-A", "trust"],
        ...["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
      ],
      { cwd: folder },
    )
    if (made.exitCode !== 0) throw new Error(`initdb: ${made.stderr.toString()}`)
    appendFileSync(
      `${folder}/data/pg_hba.conf`,
      "host all all 127.0.0.2/32 trust\nhost all all 127.0.0.0/8 trust\n",
    )
    const server = new Postgres(folder, await freePort(), tls === null ? [] : tlsSettings(folder, tls))
    await server.#answers()
    return server
  }

  #run(): Bun.Subprocess {
    const settings = ["-c", "listen_addresses=127.0.0.1,127.0.0.2", "-c", "fsync=off", ...this.#settings]
    return Bun.spawn(
      [
        ...[...asOther, `${programs}/postgres`, "-D", `${this.#folder}/data`, "-p", `${this.#port}`],
        ...["-k", this.#folder, ...settings],
      ],
      { cwd: this.#folder, stdio: ["ignore", "ignore", "ignore"] },
    )
  }

  url(user = "owner", host = "127.0.0.1"): string {
    return `postgres://${user}@${host}:${this.#port}/postgres`
  }

  async #answers(): Promise<void> {
    for (let n = 0; n < 300; n++) {
      if (this.#child.exitCode !== null) throw new Error("postgres ended")
      try {
        await this.ask("select 1")
        return
      } catch {
        await Bun.sleep(50) // it listens before it answers
      }
    }
    throw new Error("postgres does not answer")
  }

  async ask(text: string): Promise<Record<string, unknown>[]> {
    const sql = new Bun.SQL({ url: this.url(), max: 1, connectionTimeout: 5 })
    try {
      return [...(await sql.unsafe(text))]
    } finally {
      await sql.close({ timeout: 0 })
    }
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGINT")
    await this.#child.exited
  }

  async again(): Promise<void> {
    this.#child = this.#run()
    await this.#answers()
  }

  async dispose(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** The server refuses a key that others may read. */
function tlsSettings(folder: string, { certificate, key }: { certificate: string; key: string }): string[] {
  const own = `${folder}/key.pem`
  writeFileSync(own, readFileSync(key), { mode: 0o600 })
  if (asOther.length > 0) chownSync(own, other, other)
  writeFileSync(`${folder}/certificate.pem`, readFileSync(certificate))
  const files = [`ssl_cert_file=${folder}/certificate.pem`, `ssl_key_file=${own}`]
  return ["ssl=on", ...files].flatMap((each) => ["-c", each])
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
