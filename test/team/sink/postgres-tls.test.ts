/** The way to a PostgreSQL server: encrypted, to the machine that was named, or not at all. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import plugin from "../../../plugins/sink/sink-postgres/index.ts"
import { connectSql } from "../../../src/system/net/sql.ts"
import { s3Context } from "../s3/s3-team.ts"
import { hasPostgres, Postgres } from "../servers/postgres.ts"
import { selfSigned } from "../servers/self-signed.ts"

const folder = mkdtempSync(join(tmpdir(), "tls-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** `done`, or the error. */
async function prepare(url: string, ca?: string): Promise<string> {
  const options = ca === undefined ? { url } : { url, ca }
  const context = { ...s3Context(""), options, environment: {}, sql: connectSql }
  try {
    await plugin.prepare(context)
    return "done"
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return `${code}: ${message}`
  } finally {
    await plugin.close?.(context)
  }
}

const untrusted = "STORE_REFUSED: the team's index has no connection that can be trusted"

describe.skipIf(!hasPostgres)("PostgreSQL through TLS", () => {
  let server: Postgres
  const { certificate, key } = selfSigned(folder)
  beforeAll(async () => {
    server = await Postgres.start({ certificate, key })
  })
  afterAll(() => server.dispose())

  test("the authority of the team is trusted where it is named, and nothing else", async () => {
    const url = server.url("owner", "127.0.0.2")
    expect(await prepare(url)).toStartWith(untrusted)
    expect(await prepare(url, certificate)).toBe("done")
    expect(await prepare(`${url}?sslmode=verify-full`, certificate)).toBe("done")
    const local = `${server.url()}?sslmode=verify-full`
    expect(
      [await prepare(local), await prepare(local, certificate)].map((said) => said.slice(0, 13)),
    ).toEqual(["STORE_REFUSED", "done"])
    expect(await prepare(url, join(folder, "none.pem"))).toContain("ca under [team.sink] names no file")
  })
})

describe.skipIf(!hasPostgres)("another machine's PostgreSQL", () => {
  test("without TLS is not asked", async () => {
    const server = await Postgres.start()
    try {
      expect(await prepare(server.url("owner", "127.0.0.2"))).toStartWith(untrusted)
      expect(await prepare(server.url())).toBe("done")
    } finally {
      await server.dispose()
    }
  })

  test("with the certificate of another name is not asked", async () => {
    const other = selfSigned(folder, "DNS:elsewhere.example")
    const server = await Postgres.start(other)
    try {
      expect(await prepare(server.url("owner", "127.0.0.2"), other.certificate)).toStartWith(untrusted)
    } finally {
      await server.dispose()
    }
  })
})
