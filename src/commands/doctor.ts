import { exitCodes } from "../domain/errors.ts"
import { version } from "../domain/version.ts"
import { lookAtBinary } from "../operations/doctor/binary.ts"
import { lookAtClients } from "../operations/doctor/clients.ts"
import { lookAtData } from "../operations/doctor/data.ts"
import { lookAtFiles } from "../operations/doctor/files.ts"
import { lookAtIndex } from "../operations/doctor/index-findings.ts"
import { lookAtPlugins } from "../operations/doctor/plugins.ts"
import { lookAtProcesses } from "../operations/doctor/processes.ts"
import { lookAtSessions } from "../operations/doctor/sessions.ts"
import { listPlugins } from "../operations/plugin-dev/inventory.ts"
import { ownClientHomes } from "../operations/setup/homes.ts"
import { detectAll } from "../pipeline/detect.ts"
import { surveyAll, surveyEndangered } from "../pipeline/scan.ts"
import { doctorDocument, showDoctor } from "../view/setup/doctor.ts"
import { showWarnings } from "../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag } from "./framework/command.ts"
import { mayLoadPlugins, openEnvironment } from "./framework/environment.ts"

export default command(
  "doctor",
  "Looks whether everything is as it should be: itself, the clients, the data folder. Says what to do. Changes nothing.",
  { ...jsonFlag, ...dataFlag, ...pluginsFlag },
  ["session-rescue doctor", "session-rescue doctor --json"],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths, config } = await openEnvironment(parsed, signal, [])
    const configWarnings = [...warnings]
    const homes = ownClientHomes(ctx)
    const found = await detectAll(ctx, null)
    const { sessions } = await surveyAll(found, ctx)
    const endangered = await surveyEndangered(found, ctx)
    const needed = endangered.sessions.reduce((sum, session) => sum + session.sizeBytes, 0)
    const plugins = mayLoadPlugins(parsed)
      ? await listPlugins({ paths, ctx, settings: config.plugins })
      : null
    const findings = [
      ...lookAtBinary(version, homes),
      ...(await lookAtClients(homes, sessions, ctx)),
      ...(await lookAtData(paths, needed, ctx)),
      ...lookAtIndex(paths),
      ...lookAtSessions(homes, sessions, ctx),
      ...lookAtFiles(homes, sessions, ctx),
      await lookAtProcesses(sessions, ctx),
      ...lookAtPlugins(plugins, configWarnings),
    ]
    const others = warnings.filter((warning) => !configWarnings.includes(warning))
    if (json) out.print(JSON.stringify(doctorDocument(findings, others), null, 2))
    else {
      showWarnings(others, out)
      showDoctor(findings, paths.home, out)
    }
    return findings.some(({ level }) => level === "broken") ? exitCodes.failed : exitCodes.done
  },
)
