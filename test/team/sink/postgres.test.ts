/** A team's index in a real PostgreSQL server, from the compiled binary. */
import { describe, expect, test } from "bun:test"
import { hasPostgres, Postgres } from "../servers/postgres.ts"
import { type IndexServer, send, talk, testSink } from "./contract.ts"

class PostgresIndex implements IndexServer {
  readonly server: Postgres

  private constructor(server: Postgres) {
    this.server = server
  }

  static async start(): Promise<PostgresIndex> {
    return new PostgresIndex(await Postgres.start())
  }

  settings(schema: string, user = "owner"): string {
    return `url = "${this.server.url(user)}"\nschema = "${schema}"`
  }

  async count(schema: string): Promise<number> {
    return Number((await this.server.ask(`select count(*)::int as count from ${schema}.part`))[0]?.count)
  }

  stop = () => this.server.stop()
  again = () => this.server.again()
  dispose = () => this.server.dispose()
}

describe.skipIf(!hasPostgres)("PostgreSQL", () => {
  testSink(PostgresIndex.start, ({ now, machineOf }) => {
    test("a person without the right is told so", async () => {
      const { server, alice, index } = now()
      talk(alice, 1, ["a zebra"])
      await send(alice)
      await server.server.ask(`create role carol_${index} login`)
      const carol = machineOf("carol", server.settings(index, `carol_${index}`))
      try {
        const asked = await carol.run(["cxq", "--team", "zebra", "--json"])
        expect([asked.code, asked.json.error.code]).toEqual([4, "STORE_REFUSED"])
        talk(carol, 2, ["another zebra"])
        const sent = await send(carol)
        expect([sent.code, sent.json.team.stopped.code]).toEqual([4, "STORE_REFUSED"])
      } finally {
        await carol.dispose()
      }
    })

    test("a schema that was dropped: everything is sent again", async () => {
      const { server, alice, index } = now()
      talk(alice, 1, ["a zebra"])
      const { sent } = (await send(alice)).json.team
      await server.server.ask(`drop schema ${index} cascade`)
      expect((await send(alice)).json.team.sent).toBe(sent)
      expect(await server.count(index)).toBe(sent)
    })
  })
})
