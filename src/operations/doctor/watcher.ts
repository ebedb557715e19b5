import { version } from "../../domain/version.ts"
import { isNearlyUsedUp } from "../../domain/watch/room.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import { unprocessedBytes } from "../auto-save/room.ts"
import { type WatcherStanding, watcherTrouble } from "../watch/installed.ts"
import { advice, type Finding, formatRoughSize, ok } from "./finding.ts"

/** Files of CODITECT's own context watcher (macOS: public documentation). */
const otherAgent = "Library/LaunchAgents/ai.coditect.context-watcher.plist"
const otherUnits = /^(ai\.)?coditect.*context-watch.*\.service$/

/** The watcher, whether it is set up, and another program's that does the same. */
export function inspectWatcher(
  standing: WatcherStanding,
  { home }: Paths,
  ctx: RunContext,
): readonly Finding[] {
  const trouble = watcherTrouble(standing, version)
  const { installed, pid } = standing
  const own =
    trouble !== null
      ? advice("watcher", trouble.message, trouble.next)
      : pid !== null
        ? ok("watcher", `running (pid ${pid})${installed === null ? ", not set up as a service" : ""}`)
        : ok("watcher", "not set up (see session-rescue setup --watcher)")
  const units = `${home}/.config/systemd/user`
  const others = [
    ...(ctx.files.stat(`${home}/${otherAgent}`) === null ? [] : [`${home}/${otherAgent}`]),
    ...ctx.files.names(units).flatMap((name) => (otherUnits.test(String(name)) ? [`${units}/${name}`] : [])),
  ]
  const [other] = others
  if (other === undefined || (pid === null && installed === null)) return [own]
  const both = `CODITECT's context watcher is installed too: sessions are saved twice (${other})`
  return [own, advice("watcher", both, "turn one of the two off")]
}

/** What the watcher and the hooks copy no more once it is used up; nothing to say where there is room. */
export function inspectRoom(paths: Pick<Paths, "data">, maxBytes: number): readonly Finding[] {
  const taken = unprocessedBytes(paths)
  if (!isNearlyUsedUp(taken, maxBytes)) return []
  const says = `unprocessed copies take ${formatRoughSize(taken)} of the ${formatRoughSize(maxBytes)} of watch.max_bytes: the watcher and the hooks save nothing beyond that`
  return [advice("watcher", says, "session-rescue cx (processes them), or raise watch.max_bytes")]
}
