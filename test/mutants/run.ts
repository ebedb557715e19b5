/** `bun run test:mutants [NAME…]`: takes each safety step out of a copy of the checkout, and looks who notices. */
import { mkdtempSync, rmSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { type Copy, copyCheckout } from "./copy.ts"
import { type Mutant, mutants } from "./mutants.ts"
import { allCaught, closing, line, type Result, type Verdict } from "./report.ts"
import { build, endAll, test } from "./trial.ts"
import { typeChecker } from "./types.ts"

const workers = 2
const alive = "test/mutants/alive.test.ts"
const wellKnown = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Short, because sockets have to fit below it; not in the home, which is read-only for tests. */
const place = tmpdir().startsWith(`${homedir()}/`) ? "/tmp" : tmpdir()
const below = mkdtempSync(join(place, "mu-"))
let leaving = false

async function leave(code: number): Promise<never> {
  leaving = true
  await endAll()
  rmSync(below, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  process.exit(code)
}

const checkTypes = typeChecker()

async function judge(copy: Copy, mutant: Mutant): Promise<Verdict> {
  const [wrong] = checkTypes(mutant)
  if (wrong !== undefined) return { kind: "broken", why: wrong }
  copy.remove(mutant)
  try {
    const unbuilt = await build(copy)
    if (unbuilt !== null) return { kind: "broken", why: `it does not build: ${unbuilt}` }
    const lives = await test(copy, [alive])
    if (!lives.green) return { kind: "broken", why: lives.failed ?? lives.text }
    for (const file of mutant.tests) {
      const first = await test(copy, [file]) // bun test alone would run them in its own order
      const { green, failed, text } = first.green ? first : await test(copy, [file]) // by chance is not by the step
      if (failed !== null) return { kind: "caught", by: failed }
      if (!green) return { kind: "broken", why: `no test failed, yet: ${text.slice(-1500)}` }
    }
    return { kind: "survived" }
  } finally {
    copy.restore(mutant)
  }
}

/** Every test that is to notice something must be green while there is nothing to notice. */
async function unmutated(copies: readonly Copy[], chosen: readonly Mutant[]): Promise<boolean> {
  const files = [...new Set([alive, ...chosen.flatMap(({ tests }) => tests)])]
  const queue = [...files]
  const began = performance.now()
  let skipped = 0
  const red: string[] = []
  const work = async (copy: Copy) => {
    const unbuilt = await build(copy)
    if (unbuilt !== null) red.push(unbuilt)
    for (let file = queue.shift(); file !== undefined && red.length === 0; file = queue.shift()) {
      const first = await test(copy, [file])
      const again = first.green ? first : await test(copy, [file]) // a busy machine is no reason to stop
      if (!again.green)
        red.push(`${again.text.slice(-8000)}\nwithout any removal this fails already: ${again.failed}`)
      skipped += again.skipped
    }
  }
  await Promise.all(copies.map(work))
  if (leaving) return false
  for (const each of red) console.error(each)
  if (red.length === 0)
    console.log(`unmutated: ${files.length} test files are green (${seconds(began).toFixed(0)} s)`)
  if (skipped > 0) console.error(`!!! ${skipped} TESTS ARE SKIPPED HERE: what only they notice will survive`)
  return red.length === 0
}

const seconds = (since: number) => (performance.now() - since) / 1000

async function main(): Promise<number> {
  const names = process.argv.slice(2)
  const unknown = names.filter((name) => !mutants.some((each) => each.name === name))
  if (unknown.length > 0) {
    console.error(`no such safety step: ${unknown.join(", ")}`)
    return 2
  }
  const chosen = names.length === 0 ? mutants : mutants.filter(({ name }) => names.includes(name))
  const copies = Array.from({ length: workers }, (_, number) => copyCheckout(below, `${number}`))
  if (!(await unmutated(copies, chosen))) return 1
  const began = performance.now()
  const queue = [...chosen]
  const results: Result[] = []
  const work = async (copy: Copy) => {
    for (let mutant = queue.shift(); mutant !== undefined && !leaving; mutant = queue.shift()) {
      const start = performance.now()
      const verdict = await judge(copy, mutant)
      if (leaving) return
      const { name, file, tests } = mutant
      results.push({ name, file, tests, verdict, seconds: seconds(start) })
      console.log(line(results.at(-1) as Result))
    }
  }
  await Promise.all(copies.map(work))
  console.log(`\n${results.length} safety steps removed, one at a time, in ${seconds(began).toFixed(0)} s`)
  for (const each of closing(results, chosen.length)) console.log(each)
  return allCaught(results, chosen.length) ? 0 : 1
}

for (const [signal, code] of Object.entries(wellKnown)) process.on(signal, () => void leave(code))
try {
  const code = await main()
  if (!leaving) await leave(code)
} catch (error) {
  if (!leaving) console.error(error)
  if (!leaving) await leave(1)
}
