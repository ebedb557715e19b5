/** A team's index in a real node of OpenSearch, from the compiled binary. */
import { describe, expect, test } from "bun:test"
import { hasOpenSearch } from "../servers/opensearch.ts"
import { send, talk, testSink } from "./contract.ts"
import { OpenSearchIndex } from "./opensearch-index.ts"

describe.skipIf(!hasOpenSearch)("OpenSearch", () => {
  testSink(
    () => OpenSearchIndex.start(),
    ({ now }) => {
      test("indexes that were removed: everything is sent again", async () => {
        const { server, alice, index } = now()
        talk(alice, 1, ["a zebra"])
        const { sent } = (await send(alice)).json.team
        await server.server.ask("DELETE", `${index}-2026-11,${index}-forgotten`)
        expect((await send(alice)).json.team.sent).toBe(sent)
        expect(await server.count(index)).toBe(sent)
      })

      test("an index that somebody else made is not written to, and one that is not there is named", async () => {
        const { server, alice, index } = now()
        const asked = await alice.run(["cxq", "--team", "zebra", "--json"])
        expect([asked.code, asked.json.error.code]).toEqual([4, "STORE_REFUSED"])
        expect(asked.json.error.message).toContain("there is no such index")
        await server.server.ask("PUT", `${index}-2026-11`)
        talk(alice, 1, ["a zebra"])
        const { code, json } = await send(alice)
        expect([code, json.team.stopped.code, json.team.sent]).toEqual([4, "STORE_REFUSED", 0])
        expect(json.team.stopped.message).toContain(`${index}-2026-11 was not made by session-rescue`)
      })
    },
  )
})
