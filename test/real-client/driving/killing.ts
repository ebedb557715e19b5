import { expect } from "bun:test"
import { readFileSync } from "node:fs"
import { until } from "../../fixtures/until.ts"
import type { KillDocument, KillEntry } from "../harness/contract.ts"
import { isAlive } from "../harness/processes.ts"
import type { ScratchHome } from "../harness/scratch-home.ts"
import type { Terminal } from "../harness/terminal.ts"
import type { Client } from "./client.ts"

/** Lets the product end a client, without a question. */
export async function end(scratch: ScratchHome, client: Client, ...more: string[]): Promise<KillEntry> {
  const args = ["kill", String(client.pid), "--force", "--json", "--data-dir", scratch.data, ...more]
  const outcome = await scratch.product(...args)
  const [kill] = outcome.json<KillDocument>().kills
  if (kill === undefined) throw new Error(outcome.stdout)
  expect([kill.pid, isAlive(client.pid)]).toEqual([client.pid, false])
  return kill
}

/** The last export is the transcript as the client left it, byte for byte. */
export function expectNothingLost(kill: KillEntry, transcript: string | undefined): void {
  const last = kill.exportsAfter[0] ?? kill.export
  if (transcript === undefined || !last?.path)
    throw new Error(`no transcript or no export: ${JSON.stringify(kill)}`)
  expect(readFileSync(last.path).equals(readFileSync(transcript))).toBe(true)
}

/** What one types is seen and runs, on the screen the shell had. */
export async function expectUsable(terminal: Terminal): Promise<void> {
  await until("the modes of a shell", () => terminal.modes() === "0 0 1", { show: terminal.screen })
  await terminal.line(
    "echo o''k; stty -a | tr ' ;' '\\n\\n' | grep -xE -e '-?(isig|icanon|echo|opost|icrnl)' | xargs",
  )
  await terminal.shows(/^ok\nicrnl opost isig icanon echo$/m)
}
