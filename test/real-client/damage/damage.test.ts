/**
 * Each kind of damage, done to what the real client wrote: what the client makes of it, that `doctor` says so, and that it goes
 * on with all that can be read after `restore --repaired`. CI drives three kinds; `npm run test:clients -- 2.1.332 damage` all.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync } from "node:fs"
import { eachClient } from "../harness/each-client.ts"
import { inBrief } from "../harness/selected.ts"
import { type DamageCase, damageCases, type Effect, said } from "./damages.ts"
import { type Asked, holdTalk, type Talk } from "./talk.ts"

setDefaultTimeout(240_000)

const cases = damageCases.filter(({ isInCi }) => isInCi || !inBrief)

await eachClient(
  "a transcript that was damaged",
  ({ version }) => !version.startsWith("1."),
  ({ executable, version, ships }) => {
    let talk: Talk
    beforeAll(async () => {
      talk = await holdTalk(executable)
    })
    afterAll(() => talk?.scratch.close())

    const effectOf = ({ newer, older, but }: DamageCase) =>
      ships === "script" ? older : (but?.[version] ?? newer)

    test.each(cases.map((each) => [each.kind, effectOf(each), each] as const))(
      "%s: the client %s it",
      async (_, effect, each) => {
        const damaged = each.damage(talk.lines)
        talk.put(damaged)
        if (each.isLate) await talk.goOn()
        expect(effectSeen(await talk.goOn(), each)).toBe(effect)

        talk.put(damaged)
        const { damages, needsRepair } = await doctor()
        const effects = new Set(damages.map((damage) => damage.effect))
        expect([needsRepair, effects.has("lost"), effects.has("refused")]).toEqual([
          effect !== "forgives",
          effects.has("lost") && effect !== "forgives",
          effects.has("refused") && effect !== "forgives",
        ])
        if (effect === "forgives") return
        expect(effects).toContain(effect === "loses" ? "lost" : "refused")

        const put = await product("restore", talk.id, "--repaired", "--json")
        expect([put.code, put.stderr]).toEqual([0, ""])
        const { copy } = put.json<{ copy: { proof: { holds: boolean }; left: unknown[] } }>()
        expect([copy.proof.holds, copy.left]).toEqual([true, []])
        expect(uuidsLost(damaged)).toEqual([])
        const after = await talk.goOn()
        expect([after.went, after.refused]).toEqual([true, null])
        expect(said.filter((piece) => isLost(piece, after, each))).toEqual([])
      },
    )

    const product = (...args: string[]) => talk.scratch.product(...args, "--data-dir", talk.scratch.data)

    async function doctor() {
      const outcome = await product("doctor", talk.id, "--json")
      type Document = { transcript: { needsRepair: boolean; damages: { kind: string; effect: string }[] } }
      return outcome.json<Document>().transcript
    }

    /** Records that can be read in the damaged bytes, and are not in the file that the client has now. */
    function uuidsLost(damaged: Buffer): readonly string[] {
      const now = readFileSync(talk.path, "utf8")
      return uuidsIn(damaged).filter((uuid) => !now.includes(uuid))
    }
  },
)

function effectSeen(asked: Asked, each: DamageCase): Effect {
  if (!asked.went) return "refuses"
  return said.some((piece) => isLost(piece, asked, each)) ? "loses" : "forgives"
}

function isLost(piece: (typeof said)[number], asked: Asked, { destroyed }: DamageCase): boolean {
  return !asked.remembered.includes(piece) && destroyed?.includes(piece) !== true
}

function uuidsIn(bytes: Buffer): readonly string[] {
  return bytes
    .toString()
    .split("\n")
    .flatMap((line) => {
      try {
        const { uuid } = JSON.parse(line) as { uuid?: string }
        return uuid === undefined ? [] : [uuid]
      } catch {
        return []
      }
    })
}
