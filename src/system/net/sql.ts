import { readFileSync } from "node:fs"

/** Where a PostgreSQL server is, and who asks it. */
export interface SqlPlace {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string | null
  /** Verifies the server's certificate. */
  readonly tls: boolean
  /** A file with the authority to trust instead of the system's. */
  readonly ca: string | null
}

export interface SqlConnection {
  /** `$1` in the text is the first value. */
  query(text: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>
  close(): Promise<void>
}

const connectSeconds = 10

/** The other door to the network: a PostgreSQL server that the user has configured. */
export function connectSql({ host, port, database, user, password, tls, ca }: SqlPlace): SqlConnection {
  const sql = new Bun.SQL({
    ...{ adapter: "postgres", hostname: host, port, database, username: user },
    ...{ password: password ?? "", max: 1, connectionTimeout: connectSeconds },
    tls: tls ? { rejectUnauthorized: true, ...(ca === null ? {} : { ca: readFileSync(ca, "utf8") }) } : false,
  })
  return {
    query: async (text, values = []) => [...(await sql.unsafe(text, [...values]))],
    close: () => sql.close({ timeout: 1 }),
  }
}
